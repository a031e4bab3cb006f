"""The mandate and recusal on the machine: who may, what ends what, and what is refused where."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from agents.models import Cadre
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import attachment, drive, new_case, reach
from workflow import engine, requests
from workflow.audiences import told_of_clock
from workflow.errors import Blocked, InvalidData, NotPermitted
from workflow.models import Clock, CoAgent, Document, Event, Mandate, Recusal
from workflow.steps import State
from workflow.sweep import read_cases

pytestmark = pytest.mark.django_db

MANDATED = ("offer_mandate", "sign_mandate")
IDENTIFIED = {"petitioner_identity": "RESIDENT_ID", "agent_identity": "WORK_CARD"}


def perform(case: Petition, name: str, by: str, cast: Cast, now: datetime, **data: Any) -> Petition:
    return engine.perform(case.pk, name, actor=cast.actor(by, now), now=now, **data)


def offer(case: Petition, cast: Cast, now: datetime, by: str = "clerk", **other: Any) -> Petition:
    terms = {"agent": cast.agent, "way": "WHOLE", "powers": ["CONSULT"], **other}
    return perform(case, "offer_mandate", by, cast, now, **terms)


def refused(field: str, call: Any, *args: Any, **data: Any) -> str:
    with pytest.raises(InvalidData) as error:
        call(*args, **data)
    assert error.value.field == field
    with translation.override("en"):
        return str(error.value.sentence)


def sees(cadre: Cadre, case: Petition, now: datetime) -> bool:
    return Petition.objects.visible_to(cadre, now).filter(pk=case.pk).exists()


def clocks(case: Petition) -> list[Any]:
    open_ones = Clock.objects.filter(case=case, closed_at=None).order_by("id")
    return list(open_ones.values_list("term", "due_at", "next_at"))


@pytest.fixture
def outsider(cast: Cast) -> Cadre:
    """An agent of another unit, who sees this case by the mandate alone."""
    return cast.stranger


# Offered and signed ---------------------------------------------------------------------------


def test_offer_makes_a_numbered_paper_and_names_the_agent(cast: Cast, now: datetime):
    case = offer(reach(State.HANDLING, cast, now), cast, now, agent=cast.agent)

    paper = Document.objects.get(kind="agency_mandate")
    assert (case.mandate, case.agent_id) == ("OFFERED", cast.agent.pk)
    assert paper.number == "石信代〔2026〕1号"
    assert "代为咨询" in paper.text
    assert "不收取任何费用" in paper.text


def test_sign_records_both_identities_and_who_recorded_them(cast: Cast, now: datetime):
    case = drive(reach(State.HANDLING, cast, now), *MANDATED, cast=cast, now=now)

    row = Mandate.objects.get(case=case)
    assert case.mandate == "SIGNED"
    assert (row.signed_at, row.petitioner_identity, row.agent_identity, row.recorded_by) == (
        now, "RESIDENT_ID", "WORK_CARD", cast.clerk,
    )  # fmt: skip


def test_oral_consent_is_in_force_and_signed_later(cast: Cast, now: datetime):
    case = offer(reach(State.SIGNED, cast, now), cast, now, powers=["SUBMIT"])
    said = {**IDENTIFIED, "signature": "ORAL", "said": "电话中同意，十一月二十三日。"}
    case = perform(case, "sign_mandate", "agent", cast, now, **said)

    assert (case.mandate, case.mandate_in_force, case.agent_may("SUBMIT")) == ("ORAL", True, False)
    case = drive(case, "sign_mandate", cast=cast, now=now)
    row = Mandate.objects.get(case=case)
    assert (case.agent_may("SUBMIT"), row.consented_at, row.signed_at) == (True, now, now)


@pytest.mark.parametrize(
    ("field", "by", "other"),
    [
        ("petitioner_identity", "clerk", {"petitioner_identity": ""}),
        ("agent_identity", "clerk", {"agent_identity": ""}),
        ("signature", "agent", {}),
        ("signature", "clerk", {"signature": "ONLINE"}),
        ("files", "agent", {"signature": "PAPER"}),
        ("files", "clerk", {"signature": "TABLET"}),
        ("said", "clerk", {"signature": "ORAL", "said": ""}),
        ("petitioner_identity", "clerk", {"petitioner_identity": "CODE"}),
    ],
)
def test_sign_without_what_it_needs_is_refused_at_the_field(
    field: str, by: str, other: dict[str, Any], cast: Cast, now: datetime
):
    case = offer(reach(State.SIGNED, cast, now), cast, now)
    sent = {**IDENTIFIED, "signature": "TYPED", "said": "本人确认", **other}

    refused(field, perform, case, "sign_mandate", by, cast, now, **sent)


def test_sign_twice_is_refused_with_what_stands(cast: Cast, now: datetime):
    case = drive(reach(State.SIGNED, cast, now), *MANDATED, cast=cast, now=now)

    with pytest.raises(Blocked) as error:
        drive(case, "sign_mandate", cast=cast, now=now)

    with translation.override("en"):
        assert "signed already" in str(error.value.reasons[0])


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("until", {"until": "yesterday"}),
        ("powers", {"powers": []}),
        ("powers", {"way": "PARTIAL", "powers": ["REVIEW"]}),
        ("co_agents", {"way": "JOINT"}),
        ("directed_by", {"way": "DIRECTED"}),
        ("agent", {"agent": "accused"}),
        ("agent", {"agent": "liaison"}),
    ],
)
def test_offer_that_cannot_stand_is_refused_at_the_field(
    field: str, other: dict[str, Any], cast: Cast, now: datetime
):
    case = reach(State.SIGNED, cast, now)
    if "until" in other:
        other = {"until": now.date() - timedelta(days=1)}
    if "agent" in other:
        other = {"agent": cast.people[other["agent"]]}

    refused(field, offer, case, cast, now, **other)


def test_offer_to_the_accused_unit_is_refused(cast: Cast, now: datetime):
    case = new_case(cast, now, accused_unit=cast.unit["street"])

    said = refused("agent", offer, case, cast, now, agent=cast.agent)

    assert said == "This cadre belongs to the accused unit."


def test_offer_to_one_out_of_service_is_refused(cast: Cast, now: datetime):
    cast.agent.is_active = False
    cast.agent.save()

    said = refused("agent", offer, reach(State.REGISTERED, cast, now), cast, now)

    assert said == "This cadre is no longer in service."


def test_a_handler_may_not_name_another_agent(cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)

    refused("agent", offer, case, cast, now, "handler", agent=cast.stranger)


def test_a_signed_mandate_is_not_replaced_but_an_offered_one_is(cast: Cast, now: datetime):
    case = offer(reach(State.SIGNED, cast, now), cast, now)
    case = offer(case, cast, now, agent=cast.stranger, way="NAMED")
    case = drive(case, "sign_mandate", cast=cast, now=now)

    with pytest.raises(Blocked):
        offer(case, cast, now)

    ends = Mandate.objects.filter(case=case).order_by("id").values_list("ended_because", flat=True)
    assert list(ends) == ["NEW_AGENT", ""]


# What the agent may do ------------------------------------------------------------------------


def test_agent_applies_for_review_only_with_that_power(cast: Cast, now: datetime):
    case = offer(reach(State.FOLLOW_UP, cast, now), cast, now, powers=["REVIEW"])
    with pytest.raises(NotPermitted):
        perform(case, "apply_review", "agent", cast, now, claim="复查")

    case = drive(case, "sign_mandate", cast=cast, now=now)

    assert perform(case, "apply_review", "agent", cast, now, claim="复查").state == State.REVIEW


def test_agent_logs_contacts_without_a_mandate(cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)

    perform(case, "log_contact", "agent", cast, now, reached=True, said="已联系")

    assert Event.objects.filter(case=case, name="log_contact", actor_id=cast.agent.pk).exists()


def test_joint_agents_see_and_act_while_the_mandate_is_in_force(cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)
    joint = {"way": "JOINT", "co_agents": [CoAgent(cadre=cast.stranger)]}
    case = offer(case, cast, now, **joint)
    assert not sees(cast.stranger, case, now)

    case = drive(case, "sign_mandate", cast=cast, now=now)
    assert sees(cast.stranger, case, now)
    perform(case, "log_contact", "stranger", cast, now, reached=True, said="已联系")

    case = drive(case, "revoke_mandate", cast=cast, now=now)
    assert not sees(cast.stranger, case, now)


def test_reminders_of_a_joint_mandate_reach_each_agent_while_it_is_in_force(
    cast: Cast, now: datetime
):
    joint = {"way": "JOINT", "co_agents": [CoAgent(cadre=cast.stranger)]}
    case = offer(reach(State.SIGNED, cast, now), cast, now, **joint)
    case = drive(case, "sign_mandate", cast=cast, now=now)
    told = [told_of_clock(("agent",), read_cases({case.pk}, now)[case.pk])]
    drive(case, "revoke_mandate", cast=cast, now=now)
    told.append(read_cases({case.pk}, now)[case.pk].agents)

    assert told == [sorted([cast.agent.pk, cast.stranger.pk]), frozenset()]


# Its end --------------------------------------------------------------------------------------


def test_revoked_agent_loses_access_at_once_and_nothing_else_changes(
    cast: Cast, now: datetime, outsider: Cadre
):
    case = offer(reach(State.HANDLING, cast, now), cast, now, agent=outsider, way="NAMED")
    case = drive(case, "sign_mandate", cast=cast, now=now)
    before = clocks(case)
    assert sees(outsider, case, now)

    case = drive(case, "revoke_mandate", cast=cast, now=now)

    assert not sees(outsider, case, now)
    assert (case.agent_id, case.handler_id, clocks(case)) == (None, cast.handler.pk, before)
    with pytest.raises(NotPermitted):
        perform(case, "log_contact", "stranger", cast, now, reached=True, said="还在办")


def test_clerk_who_revokes_for_the_petitioner_writes_down_what_they_said(cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)

    refused("statement", perform, case, "revoke_mandate", "clerk", cast, now)


def test_only_the_leading_agent_resigns(cast: Cast, now: datetime):
    case = drive(reach(State.SIGNED, cast, now), *MANDATED, cast=cast, now=now)
    with pytest.raises(NotPermitted):
        perform(case, "resign_mandate", "handler", cast, now, reason="调离")

    case = perform(case, "resign_mandate", "agent", cast, now, reason="调离")

    assert (case.agent_id, Mandate.objects.get().ended_because) == (None, "RESIGNED")


def test_after_its_last_day_the_agent_sees_and_does_nothing(
    cast: Cast, now: datetime, outsider: Cadre
):
    last = now.date() + timedelta(days=10)
    case = offer(reach(State.HANDLING, cast, now), cast, now, agent=outsider, until=last)
    case = drive(case, "sign_mandate", cast=cast, now=now)

    later = now + timedelta(days=10)
    assert (sees(outsider, case, later), sees(outsider, case, later + timedelta(days=1))) == (
        True, False,
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        perform(
            case, "log_contact", "stranger", cast, later + timedelta(days=1),
            reached=True, said="晚了",
        )  # fmt: skip


def test_end_of_the_case_ends_the_mandate_and_keeps_who_it_was(cast: Cast, now: datetime):
    case = drive(reach(State.SIGNED, cast, now), *MANDATED, "withdraw", cast=cast, now=now)

    assert (case.mandate, case.agent_id) == ("", cast.agent.pk)
    assert Mandate.objects.get().ended_because == "CASE_ENDED"


def test_reassigned_to_a_new_agent_the_old_mandate_ends_and_a_new_one_is_offered(
    cast: Cast, now: datetime
):
    case = drive(reach(State.SIGNED, cast, now), *MANDATED, "reassign", cast=cast, now=now)

    rows = Mandate.objects.filter(case=case).order_by("id")
    assert [(row.agent, row.ended_because) for row in rows] == [
        (cast.agent, "NEW_AGENT"), (cast.stand_in, ""),
    ]  # fmt: skip
    assert (case.mandate, rows[1].powers) == ("OFFERED", rows[0].powers)
    assert Document.objects.filter(case=case, kind="agency_mandate").count() == 2


def test_reassigned_without_a_mandate_no_paper_is_made(cast: Cast, now: datetime):
    drive(reach(State.SIGNED, cast, now), "reassign", cast=cast, now=now)

    assert not Document.objects.filter(kind="agency_mandate").exists()


def test_the_petitioner_s_agent_stays_when_a_unit_s_objection_is_upheld(
    cast: Cast, now: datetime, outsider: Cadre
):
    case = offer(new_case(cast, now), cast, now, agent=outsider, way="NAMED")
    moves = ("sign_mandate", ("dispatch", {"agent": outsider}), "object", "uphold_objection")

    case = drive(case, *moves, cast=cast, now=now)

    assert (case.agent_id, case.mandate, sees(outsider, case, now)) == (
        outsider.pk, "SIGNED", True,
    )  # fmt: skip


def test_a_case_classified_as_an_accusation_has_no_agent(
    cast: Cast, now: datetime, outsider: Cadre
):
    case = offer(new_case(cast, now), cast, now, agent=outsider)

    case = drive(case, ("classify", {"petition_class": "ACCUSATION", "path": ""}),
                 cast=cast, now=now)  # fmt: skip

    assert (case.agent_id, case.mandate, sees(outsider, case, now)) == (None, "", False)


# Recusal --------------------------------------------------------------------------------------


def test_recused_handler_is_replaced_by_the_head_and_kept_out(cast: Cast, now: datetime):
    case = drive(reach(State.SIGNED, cast, now), "recuse", cast=cast, now=now)

    assert (case.handler_id, case.recused) == (cast.head.pk, [cast.handler.pk])
    assert Recusal.objects.get(case=case).was_handler
    said = refused("handler", perform, case, "reassign", "head", cast, now,
                   handler=cast.handler, agent=None, reason="换回")  # fmt: skip
    assert said == "This cadre has been recused from the case."


def test_recused_agent_leaves_the_case_and_is_offered_no_mandate(cast: Cast, now: datetime):
    case = drive(reach(State.SIGNED, cast, now), *MANDATED, cast=cast, now=now)
    case = drive(case, ("recuse", {"cadre": cast.agent}), cast=cast, now=now)

    assert (case.agent_id, Mandate.objects.get().ended_because) == (None, "RECUSED")
    assert not sees(cast.agent, case, now)
    refused("agent", offer, case, cast, now, agent=cast.agent)


def test_recusal_is_asked_by_a_clerk_and_decided_by_the_head(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    facts = {"cadre": cast.handler, "ground": "RELATIVE", "reason": "系信访人表弟"}
    asked = requests.ask(case.pk, "recuse", actor=cast.actor("clerk", now), now=now, **facts)

    requests.decide(asked.pk, approve=True, actor=cast.actor("head", now), now=now)

    assert Petition.objects.get(pk=case.pk).recused == [cast.handler.pk]


def test_a_head_who_handles_the_case_does_not_decide_on_their_own_recusal(
    cast: Cast, now: datetime
):
    to_head = ("dispatch", {"handler": cast.head, "agent": cast.head})
    case = drive(new_case(cast, now), to_head, cast=cast, now=now)
    own = {"cadre": cast.head, "ground": "INTEREST", "reason": "本人所在小区"}

    with pytest.raises(NotPermitted):
        perform(case, "recuse", "head", cast, now, **own)

    case = perform(case, "recuse", "dispatcher", cast, now, **own)
    assert case.handler_id == cast.parent_head.pk


def test_recusal_of_somebody_without_a_part_in_the_case_is_refused(cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)

    refused("cadre", perform, case, "recuse", "head", cast, now,
            cadre=cast.stranger, ground="OTHER", reason="无关")  # fmt: skip


def test_scan_comes_with_the_signature(cast: Cast, now: datetime):
    case = offer(reach(State.SIGNED, cast, now), cast, now)
    sent = {**IDENTIFIED, "signature": "PAPER", "files": [attachment(now)]}

    perform(case, "sign_mandate", "agent", cast, now, **sent)

    assert case.attachments.get().event.name == "sign_mandate"
