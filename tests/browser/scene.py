"""The scene of the pages: run inside the product (`manage.py shell`) after `demo` has made cases.

`tell()` prints as JSON the values that `pages.py` names in braces, a session for each login, and
every text of the database, so that a reader of a page can tell data from words of ours.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.test import Client
from django.utils import timezone

from agents.directory import Directory
from agents.models import (
    Area,
    Cadre,
    Category,
    Stamp,
    Station,
    Team,
    Unit,
)
from agents.roles import Role
from petitions import group_acts, handover_items, handovers, policies
from petitions.codes import Channel
from petitions.decisions import waiting_for
from petitions.intake import CaseData, VisitData, log_visit, register_petition
from petitions.models import (
    Handover,
    Petition,
    PolicyText,
)
from petitions.models.petition import code_hash
from petitions.people import PersonData
from tests.browser.entered import texts
from tests.browser.files import LONG_DEMAND, LONG_NAME, imports
from tests.browser.pages import PAGES, STEPS
from workflow import delivery, engine, happenings
from workflow.actors import Actor
from workflow.codes import PetitionClass, Procedure, Way
from workflow.lifecycle import STEPS as MACHINE
from workflow.mandate_codes import USUAL_POWERS
from workflow.models import (
    Clock,
    Document,
    InboxMessage,
    SameCauseGroup,
    TermRule,
    Trigger,
    Whistle,
)

VISITS = 60
RATING_CODE = "2468-ACEG-2468"


def tell() -> None:
    """Print the scene."""
    now = timezone.now()
    delivery.deliver(now)  # no worker runs beside the pages
    today = timezone.localdate(now)
    values: dict[str, Any] = {
        "rating_code": RATING_CODE,
        "today": today.isoformat(),
        "quarter": (today - timedelta(days=90)).isoformat(),
    }
    give_a_word(now)
    values |= in_charge()
    values |= usual() | extreme(now) | people(now) | imports(now) | supervised(now)
    values |= mandated(now)
    values |= joint(now)
    values |= grouped(now)
    values |= handed(now)
    # Behind all that acts on cases of the demo: a co-handler called in, say, holds up an opinion.
    for name in STEPS:
        values[name], values[f"{name}_by"] = find(name, now)
    values |= afield(now)
    logins = {page.login.format(**values) for page in PAGES} - {""}
    sessions = {login: session(login) for login in logins}
    told = {"values": values, "sessions": sessions, "texts": sorted(set(texts()))}
    print(json.dumps(told))  # noqa: T201 - read by the test


def find(name: str, now: datetime) -> tuple[str, str]:
    """A case in which somebody may do this step now, and who. LookupError when there is none."""
    step, directory = MACHINE[name], Directory.current()
    staff = Cadre.objects.filter(is_active=True).order_by("pk")
    actors = [(one, Actor.of(one, now, directory)) for one in staff]
    for case in Petition.objects.filter(state__in=step.sources, sealed=False).order_by("-pk"):
        engine.attach([case], actors[0][1], now)
        for cadre, actor in actors:
            case.context.actor = actor
            choice = engine.judge(case, step)
            if choice.mode == "do" and not choice.reasons:
                seen = Petition.objects.visible_to(cadre, now, directory)
                if seen.filter(pk=case.pk).exists():
                    return case.number, cadre.username
    raise LookupError(f"the demo has no case for {name}")


def give_a_word(now: datetime) -> None:
    """A promise stands, whether or not the demo of this day has left one."""
    held = Petition.objects.filter(state="HANDLING", sealed=False, promise_on=None)
    case = held.exclude(handler=None).order_by("pk")[0]
    handler = Actor.of(Cadre.objects.get(pk=case.handler_id), now)
    due = timezone.localdate(now) + timedelta(days=5)
    engine.perform(
        case.pk, "promise", actor=handler, now=now, what="周五前把检测结果送到家里", due_on=due
    )


def in_charge() -> dict[str, Any]:
    """A street with a team of its own."""
    team = Team.objects.order_by("unit__code")[1]
    return {"street": team.unit_id, "team": team.pk}


def usual() -> dict[str, Any]:
    """A case in the middle of its life, with a telephone and answers; a paper of another."""
    clock = (
        Clock.objects.filter(case__state="FOLLOW_UP", case__sealed=False, closed_at=None)
        .exclude(case__petitioner__is_anonymous=True)
        .order_by("pk")
    )[0]
    case = Petition.objects.get(pk=clock.case_id)
    Petition.objects.filter(pk=case.pk).update(rating_code_hash=code_hash(RATING_CODE))
    papers = Document.objects.filter(case__sealed=False)
    paper = papers.filter(kind__in=("opinion", "reply")).last() or papers.latest("pk")
    return {
        "usual": case.number,
        "query_code": case.query_code,
        "clock": clock.pk,
        "trigger": Trigger.objects.get(code="second_hop", valid_to=None).pk,
        "rule": TermRule.objects.get(term="HANDLING", urgency="", watch=None, valid_to=None).pk,
        "paper": paper.pk,
        "papered": Petition.objects.get(pk=paper.case_id).number,
        "passed_on": Petition.objects.filter(sealed=False).latest("hops").number,
    }


def extreme(now: datetime) -> dict[str, str]:
    """A case whose petitioner, demand, place and visits are longer than any page hopes for."""
    actor = Actor.of(Cadre.objects.get(username="clerk"), now)
    place = Area.objects.filter(level=5)[0]
    start = now - timedelta(days=VISITS)
    case = register_petition(
        person=PersonData(
            name=LONG_NAME, phone="13800000000", area=place, address="长安街延长线" * 12
        ),
        facts=CaseData(
            channel=Channel.VISIT,
            received_at=start,
            demand=LONG_DEMAND[:9000],
            problem_area=place,
            problem_place="八角北路特钢厂区家属院" * 6,
        ),
        points=["把下水道修好，并赔偿损坏的家具" * 8, "W" * 90],
        visit=VisitData(at=start),
        actor=actor,
        now=now,
    )
    for day in range(VISITS):
        at = start + timedelta(days=day)
        data = VisitData(at=at, kind="PROGRESS", told="已告知办理进展。")
        log_visit(data, actor=actor, now=now, petition=case, petitioner=case.petitioner)
    return {"extreme": case.number}


def people(now: datetime) -> dict[str, str]:
    """The head who has most to decide, and somebody who has something to read."""
    directory = Directory.current()

    def waiting(head: Cadre) -> int:
        cases = Petition.objects.visible_to(head, now, directory)
        actor = Actor.of(head, now, directory)
        return len(waiting_for(cases, actor, now, directory=directory))

    heads = Cadre.objects.filter(pk__in=directory.holders(Role.UNIT_HEAD)).order_by("pk")
    decider = max(heads, key=waiting)
    if not waiting(decider):
        raise LookupError("the demo has nothing to decide")
    message = InboxMessage.objects.select_related("recipient").latest("pk")
    return {
        "decider": decider.username,
        "reader": message.recipient.username,
    }


def supervised(now: datetime) -> dict[str, Any]:
    """A case under an order, with an instruction and an advice; proposals on others."""
    cases = Petition.objects.filter(state="HANDLING", sealed=False, supervision="")
    [case, *others] = cases.exclude(handler=None).order_by("-pk")[:4]
    staff = {one.username: one for one in Cadre.objects.all()}
    supervisor, leader = (Actor.of(staff[name], now) for name in ("supervisor", "leader"))
    demand = "请当面与信访人沟通，限期解决，并报办理结果。" * 2
    order = {"reason_code": "DELAY", "demanded": demand, "days": 7}
    engine.perform(case.pk, "order_supervision", actor=supervisor, now=now, **order)
    engine.perform(case.pk, "instruct", actor=leader, now=now, to=case.handler, instruction=demand)
    advice = {"kind": "WORK", "unit": Unit.objects.get(pk=case.unit_id), "advice": demand}
    engine.perform(case.pk, "advise", actor=supervisor, now=now, **advice)
    for other in others:
        happenings.record(other, "evidence_missing", actor=supervisor, now=now)
    paper = Document.objects.get(case=case.pk, kind="supervision_order")
    return {
        "supervised": case.number,
        "instructed": Cadre.objects.get(pk=case.handler_id).username,
        "order_paper": paper.pk,
    }


def mandated(now: datetime) -> dict[str, str]:
    """A case whose petitioner has signed a mandate, and one whose petitioner is about to."""
    clerk = Actor.of(Cadre.objects.get(username="clerk"), now)
    cases = Petition.objects.filter(state="HANDLING", sealed=False, mandate="")
    [signed, offered] = cases.exclude(agent=None).order_by("pk")[:2]
    for case in (signed, offered):
        terms = {"agent": case.agent, "way": "WHOLE", "powers": list(USUAL_POWERS)}
        station = Station.objects.order_by("pk").first()
        engine.perform(case.pk, "offer_mandate", actor=clerk, now=now, station=station, **terms)
    proofs = {"petitioner_identity": "RESIDENT_ID", "agent_identity": "WORK_CARD"}
    said = {"signature": "TYPED", "said": "本人到窗口确认。"}
    engine.perform(signed.pk, "sign_mandate", actor=clerk, now=now, **proofs, **said)
    Petition.objects.filter(pk=signed.pk).update(rating_code_hash=code_hash(RATING_CODE))
    return {"mandated": signed.number, "offered": offered.number}


def joint(now: datetime) -> dict[str, Any]:
    """A case with a co-handler and a whistle, neither answered, and a conference."""
    directory, staff = Directory.current(), {one.pk: one for one in Cadre.objects.all()}
    cases = Petition.objects.filter(state="HANDLING", sealed=False, calls=0).exclude(handler=None)
    case = next(one for one in cases.order_by("-pk") if directory.heads(one.unit_id))
    units = [
        unit
        for unit in directory.units.values()
        if unit.kind == Unit.Kind.DEPARTMENT
        and directory.heads(unit.id)
        and unit.id != case.unit_id
    ]
    head, dispatcher = (
        Actor.of(one, now, directory)
        for one in (
            staff[directory.heads(case.unit_id)[0]],
            Cadre.objects.get(username="dispatcher"),
        )
    )
    words, ids = "请到现场联合处置，事不完、人不走。" * 3, [unit.id for unit in units[:3]]
    asked = {"unit": units[0].as_row(), "demand": words, "due_on": now.date() + timedelta(days=7)}
    engine.perform(case.pk, "ask_co_handling", actor=head, now=now, **asked)
    blown = {"kind": "EMERGENCY", "units": ids, "place": LONG_DEMAND[:100], "demand": words}
    engine.perform(case.pk, "whistle", actor=head, now=now, **blown)
    met = {"held_on": now.date(), "units": ids, "topics": words, "decision": words}
    engine.perform(case.pk, "record_conference", actor=dispatcher, now=now, **met)
    return {
        "joint": case.number,
        "joint_by": staff[directory.heads(case.unit_id)[0]].username,
        "whistle_of": Whistle.objects.get(case=case.pk).pk,
        "called": staff[directory.heads(units[0].id)[0]].username,
    }


def grouped(now: datetime) -> dict[str, Any]:
    """A same-cause group of one handler's cases with a contact to be confirmed; a policy text."""
    # Which cases the demo has grouped hangs on the hour at which it was made.
    free = Petition.objects.filter(state="HANDLING", sealed=False, same_cause=None)
    cases = free.exclude(handler=None)
    held = cases.values_list("handler").annotate(n=Count("pk")).order_by("-n")
    handler = Cadre.objects.get(pk=held[0][0])
    group = SameCauseGroup.objects.create(
        name="八号楼自十一月十五日起停暖" * 2, created_by=handler, created_at=now
    )
    actor, seen = Actor.of(handler, now), Petition.objects.visible_to(handler, now)
    pks = cases.filter(handler=handler).values_list("pk", flat=True)[:30]
    engine.perform_many(pks, "join_group", actor=actor, now=now, group=group)
    doer = group_acts.Doer(actor, now, seen, Stamp.versions(), "zh-hans")
    entered = {"reached": True, "said": "【姓名】：已到换热站核实，本周内恢复供暖。" * 3}
    act = group_acts.draft(group, "log_contact", entered, [], doer)
    text = "第一条 楼前路灯、供暖设施损坏的，责任单位应当在三日内修复，并告知居民。\n" * 4
    policy = PolicyText(
        title="居民小区设施维护办法", number="石政发〔2024〕7号", issued_by="区政府",
        valid_from=now.date(), text=text, uploaded_by=handler, uploaded_at=now,
    )  # fmt: skip
    policies.keep(policy)
    return {"group": group.pk, "group_by": handler.username, "group_act": act.pk}


def handed(now: datetime) -> dict[str, Any]:
    """A hand-over that is begun and not done, its head, and whose cases they are."""
    directory = Directory.current()
    held = Petition.objects.filter(state="HANDLING", sealed=False).exclude(handler=None)
    case = next(
        one
        for one in held.order_by("pk")
        if directory.heads(one.unit_id)
        and one.handler_id not in directory.heads(one.unit_id)
        and directory.cadres[one.handler_id or 0].unit_id == one.unit_id
    )
    head = Cadre.objects.get(pk=directory.heads(case.unit_id)[0])
    visible = Petition.objects.visible_to(head, now, directory)
    act = handover_items.Act(Actor.of(head, now, directory), now, directory, visible)
    begun = handovers.begin(
        Handover(
            whose_id=case.handler_id,
            reason="TRANSFER",
            starts_on=timezone.localdate(now),
            remark="轮岗",
        ),
        act,
    )
    return {
        "handover": begun.pk,
        "handing": head.username,
        "holder": Cadre.objects.get(pk=case.handler_id).username,
        "holder_id": case.handler_id,
    }


def afield(now: datetime) -> dict[str, Any]:
    """An agent with a new case and one in hand, in a unit of their own with a head and a
    colleague: what a telephone does with them is seen by nobody else.
    """
    clerk, kind = Cadre.objects.get(username="clerk"), Unit.Kind
    street = Unit.objects.filter(kind=kind.STREET)[0]
    unit = Unit.objects.create(code="AFIELD", name="巡访一组", kind=kind.COMMUNITY, parent=street)
    people = {}
    for login, name, role in (
        ("afield", "石中行", Role.HANDLER),
        ("afield_head", "贺组长", Role.UNIT_HEAD),
        ("afield_colleague", "程接替", Role.HANDLER),
    ):
        people[login] = Cadre.objects.create(
            username=login, name=name, unit=unit, password=clerk.password
        )
        people[login].grant(role)
    agent = people["afield"]
    [fresh, in_hand] = (
        _dispatched_to(agent, person, Actor.of(clerk, now), now)
        for person in (
            PersonData(name="郭立新", phone="13800000001"),
            PersonData(name="罗秀英", phone="13800000002"),
        )
    )
    for step, data in (
        ("sign", {}),
        ("accept", {"procedure": Procedure.NORMAL}),
        ("log_contact", {"reached": True, "said": "已当面说明调查情况"}),
    ):
        engine.perform(in_hand.pk, step, actor=Actor.of(agent, now), now=now, **data)
    return {
        "afield": fresh.number,
        "afield_in_hand": in_hand.number,
        "afield_id": agent.pk,
    }


def _dispatched_to(cadre: Cadre, person: PersonData, clerk: Actor, now: datetime) -> Petition:
    """An appeal about a water pipe, in the hands of that handler."""
    facts = CaseData(
        channel=Channel.VISIT,
        received_at=now,
        demand="八号楼二单元供暖立管锈蚀漏水，请尽快更换。",
        problem_area=Area.objects.filter(level=Area.Level.COMMUNITY)[0],
        petition_class=PetitionClass.APPEAL,
        path="6",
        category=Category.objects.filter(scheme=Category.PROPOSED, is_active=True)[0],
    )
    case = register_petition(
        person=person, facts=facts, points=["更换二单元立管"], actor=clerk, now=now
    )
    to: dict[str, Any] = {"unit": cadre.unit, "handler": cadre, "agent": cadre}
    engine.perform(case.pk, "dispatch", actor=clerk, now=now, way=Way.TRANSFER, **to)
    return case


def session(login: str) -> str:
    """The key of a session in which this cadre is signed in."""
    client = Client()
    client.force_login(Cadre.objects.get(username=login))
    return str(client.session.session_key)
