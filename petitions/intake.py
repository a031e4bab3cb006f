"""Intake: from what was typed, or read from a file, to a registered petition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.models import Area, Cadre, Category, Stamp, Unit
from petitions.codes import Channel
from petitions.identity import fold, fold_line
from petitions.models import CityOrder, Petition, Petitioner, Representative, Visit
from petitions.models.petition import code_hash
from petitions.models.representative import check_number
from petitions.numbering import new_query_code, new_rating_code, next_numbers
from petitions.people import PersonData, clean_person, find_or_create
from workflow import engine, happenings
from workflow.actors import Actor
from workflow.calendar import ZONE, day_of
from workflow.codes import PetitionClass, Urgency
from workflow.errors import InvalidData, NotPermitted
from workflow.models import Answer

DEMAND_LENGTH = 20_000
"""Characters; the longest letters seen have 9,000."""
SUMMARY_LENGTH = 60
OLDEST_RECEIPT = date(1990, 1, 1)
MAX_HEADS = 100_000
CHANNELS = frozenset(Channel.values)


@dataclass(frozen=True)
class CaseData:
    """What is filed. `received_at`: when it reached the office, not when it is typed; None only of
    an old record that names no date.

    `reply`, `answered_at`, `hops`: of records taken over from earlier years. `source`: read from a
    file, which may leave the place open until a clerk classifies.
    """

    channel: str
    received_at: datetime | None
    demand: str
    problem_area: Area | None
    summary: str = ""
    problem_place: str = ""
    purpose: str = ""
    petition_class: str = ""
    path: str = ""
    category: Category | None = None
    urgency: str = Urgency.GENERAL
    is_hotline: bool | None = None
    head_count: int = 1
    is_joint: bool = False
    first_petition: Petition | None = None
    is_repeat: bool = False
    unreachable: bool = False
    messages_agreed: bool = False
    threat_flag: bool = False
    language_needed: str = ""
    accused_name: str = ""
    accused_post: str = ""
    accused_unit: Unit | None = None
    accused_cadre: Cadre | None = None
    answered_at: datetime | None = None
    reply: str = ""
    hops: int = 0
    source: str = ""
    source_key: str = ""
    source_note: str = ""


@dataclass(frozen=True)
class VisitData:
    """The visit in which a matter was filed, or one of the many that follow."""

    at: datetime
    kind: str = Visit.Kind.FILING
    window: str = ""
    head_count: int = 1
    note: str = ""
    told: str = ""


@dataclass(frozen=True)
class OrderData:
    """What the city's 12345 platform wrote on an order beside the matter (see `CityOrder`)."""

    number: str
    handed_at: datetime
    received_at: datetime | None = None
    nature: str = ""
    category_words: str = ""
    wants_call_back: bool | None = None
    remarks: str = ""
    phone_words: str = ""
    sent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Filing:
    """One matter with the people and points that belong to it."""

    person: PersonData
    facts: CaseData
    representatives: Sequence[PersonData] = ()
    points: Sequence[str] = ()
    visit: VisitData | None = None
    order: OrderData | None = None


@dataclass
class Draft:
    """A filing on its way: cleaned, not yet stored. Once stored it can't be used again."""

    filing: Filing
    person: Petitioner
    speakers: list[Petitioner]
    case: Petition
    rows: list[models.Model] = field(default_factory=list)


def register_petition(
    *,
    person: PersonData,
    facts: CaseData,
    representatives: Sequence[PersonData] = (),
    points: Sequence[str] = (),
    visit: VisitData | None = None,
    actor: Actor,
    now: datetime,
    unit: Unit | None = None,
) -> Petition:
    """Register one matter; its `rating_code` is readable on the returned object only.

    `unit`: where it is registered, if not the actor's own unit (portal, import). Raises
    InvalidData at the field that can't stand, and what the machine refuses with.
    """
    filing = Filing(person, facts, tuple(representatives), tuple(points), visit)
    return register_rows([filing], actor=actor, now=now, unit=unit)[0]


def register_rows(
    filings: Sequence[Filing | Draft],
    *,
    actor: Actor,
    now: datetime,
    unit: Unit | None = None,
    history: bool = False,
    versions: Mapping[str, int] | None = None,
) -> list[Petition]:
    """Register many matters by the same rule: people in bulk, numbers in one statement.

    Every filing must be sound: draft each first (`draft`), to keep the reasons apart. `history`:
    taken over as ended, with its own dates; opens no clock, tells nobody. `versions`: the stamps
    as the caller has just read them.
    """
    versions = Stamp.versions() if versions is None else versions
    drafts = [one if isinstance(one, Draft) else draft(one, now) for one in filings]
    registering = _registering_unit(actor, unit, Directory.current(versions))
    with transaction.atomic():
        _complete(drafts, actor=actor, unit=registering, now=now, update=not history)
        cases = [one.case for one in drafts]
        rows = [one.rows for one in drafts]
        engine.register_many(
            cases, actor=actor, now=now, history=history, rows=rows, versions=versions
        )
    return cases


def refuse_unsound(filing: Filing, now: datetime) -> None:
    """Raise InvalidData if the filing could not be registered; stores nothing."""
    draft(filing, now)


def log_visit(
    data: VisitData,
    *,
    actor: Actor,
    now: datetime,
    channel: str = Channel.VISIT,
    petition: Petition | None = None,
    petitioner: Petitioner | None = None,
    unit: Unit | None = None,
) -> Visit:
    """Record a visit: about a case, or (ten seconds) an inquiry that belongs to none."""
    if petition is None and data.kind not in (Visit.Kind.INQUIRY, Visit.Kind.PROGRESS):
        raise InvalidData("petition", _("Name the case, or log an inquiry without one."))
    visit = _visit(data, channel, now)
    visit.petition, visit.petitioner = petition, petitioner
    visit.unit = _registering_unit(actor, unit, Directory.current())
    visit.received_by_id = _receiver(actor)
    with transaction.atomic():
        visit.save()
        if petition is not None and visit.kind == Visit.Kind.REPEAT:
            seen = {"visit": visit.pk}
            happenings.record(petition, "came_again", actor=actor, now=now, data=seen)
    return visit


# From the filing to the rows ----------------------------------------------------------------


def draft(filing: Filing, now: datetime) -> Draft:
    """The filing with everything cleaned, or InvalidData; asks the database nothing."""
    facts, today = filing.facts, day_of(now)
    case = _case(facts)
    _refuse_impossible(facts, case.demand, now)
    check_number(filing.representatives)
    sealed = facts.petition_class == PetitionClass.ACCUSATION
    person = clean_person(filing.person, on=today, sealed=sealed)
    speakers = []
    for place, speaker in enumerate(filing.representatives):
        speakers.append(_speaker(speaker, place, today, sealed))
    made = Draft(filing, person, speakers, case)
    _state_points(made)
    if filing.visit is not None:
        made.rows.append(_visit(filing.visit, facts.channel, now))
    if filing.order is not None:
        made.rows.append(_order(filing.order))
    return made


def _state_points(draft: Draft) -> None:
    """The claim points of the filing; a reply on file answers the first, or the whole demand."""
    case, facts = draft.case, draft.filing.facts
    texts = list(draft.filing.points) or ([case.summary] if facts.reply.strip() else [])
    points = case.points(texts)
    if not points:
        return
    case.points_edition, case.points_total = points[0].edition, len(points)
    draft.rows.extend(points)
    if facts.reply.strip():
        at = facts.answered_at or facts.received_at
        draft.rows.append(
            Answer(claim_point=points[0], round=case.round, text=fold(facts.reply), at=at)
        )


def _complete(
    drafts: Sequence[Draft], *, actor: Actor, unit: Unit, now: datetime, update: bool = True
) -> None:
    """Give each draft its people, number and codes. The number last: its counter row locks."""
    people = [one for draft in drafts for one in (draft.person, *draft.speakers)]
    found = iter(find_or_create(people, update=update))
    for draft in drafts:
        draft.case.petitioner = next(found)
        draft.case.registered_unit, draft.case.registered_by_id = unit, _cadre_id(actor)
        speakers = dict.fromkeys(next(found) for _speaker in draft.speakers)
        draft.rows.extend(
            Representative(petition=draft.case, petitioner=speaker, position=position)
            for position, speaker in enumerate(speakers, start=1)
        )
        for visit in (row for row in draft.rows if isinstance(row, Visit)):
            visit.petition, visit.petitioner = draft.case, draft.case.petitioner
            visit.unit, visit.received_by_id = unit, _receiver(actor)
    numbers = next_numbers(len(drafts), now.astimezone(ZONE).year)
    for draft, number in zip(drafts, numbers, strict=True):
        draft.case.number = number
        draft.case.query_code, draft.case.rating_code = new_query_code(), new_rating_code()
        draft.case.rating_code_hash = code_hash(draft.case.rating_code)


def _case(facts: CaseData) -> Petition:
    demand = fold(facts.demand)
    hotline = facts.channel == Channel.HOTLINE if facts.is_hotline is None else facts.is_hotline
    case: Petition = Petition(
        channel=facts.channel,
        received_at=facts.received_at,
        demand=demand,
        summary=fold_line(facts.summary)[:200] or first_words(demand),
        problem_area=facts.problem_area,
        problem_place=fold_line(facts.problem_place),
        purpose=facts.purpose,
        petition_class=facts.petition_class,
        path=facts.path,
        category=facts.category,
        urgency=facts.urgency,
        is_hotline=hotline,
        head_count=facts.head_count,
        is_joint=facts.is_joint,
        is_repeat=facts.is_repeat or facts.first_petition is not None,
        first_petition=facts.first_petition,
        unreachable=facts.unreachable,
        messages_agreed=facts.messages_agreed,
        threat_flag=facts.threat_flag,
        language_needed=facts.language_needed,
        accused_name=fold_line(facts.accused_name),
        accused_post=fold_line(facts.accused_post),
        accused_unit=facts.accused_unit,
        accused_cadre=facts.accused_cadre,
        answered_at=facts.answered_at,
        hops=facts.hops,
        source=facts.source,
        source_key=facts.source_key,
        source_note=fold(facts.source_note),
    )
    return case


def first_words(demand: str) -> str:
    """A line for lists: the first sentence, cut where it grows too long."""
    line = demand.split("\n", 1)[0]
    for mark in "。！？!?；;":
        line = line.split(mark, 1)[0]
    return line if len(line) <= SUMMARY_LENGTH else line[: SUMMARY_LENGTH - 1] + "…"


def _visit(data: VisitData, channel: str, now: datetime) -> Visit:
    visit = Visit(
        kind=data.kind,
        channel=channel,
        at=data.at,
        window=fold_line(data.window),
        head_count=data.head_count,
        note=fold(data.note),
        told=fold(data.told),
    )
    visit.refuse_impossible(now)
    return visit


def _order(data: OrderData) -> CityOrder:
    order: CityOrder = CityOrder(
        number=data.number,
        received_at=data.received_at,
        handed_at=data.handed_at,
        nature=data.nature,
        category_words=data.category_words,
        wants_call_back=data.wants_call_back,
        remarks=data.remarks,
        phone_words=data.phone_words,
        sent=json.dumps(dict(data.sent), ensure_ascii=False),
    )
    return order


def _speaker(data: PersonData, place: int, today: date, sealed: bool) -> Petitioner:
    if data.is_anonymous:
        raise InvalidData("representatives", _("A representative must give a name."))
    try:
        return clean_person(data, on=today, sealed=sealed)
    except InvalidData as error:
        raise InvalidData(f"representatives-{place}-{error.field}", error.sentence) from error


def _refuse_impossible(facts: CaseData, demand: str, now: datetime) -> None:
    received = facts.received_at or now
    checks: tuple[tuple[bool, str, Any], ...] = (
        (received > now, "received_at", _("It can't have been received in the future.")),
        (
            day_of(received) < OLDEST_RECEIPT,
            "received_at",
            _("The date of receipt lies before 1990."),
        ),
        (not demand, "demand", _("Write down what the petitioner asks.")),
        (
            len(facts.demand) > DEMAND_LENGTH,
            "demand",
            _("The demand has more than 20,000 characters: attach the letter as a file."),
        ),
        (
            facts.problem_area is None and not facts.source,
            "problem_area",
            _("Choose where the problem is."),
        ),
        (
            not 1 <= facts.head_count <= MAX_HEADS,
            "head_count",
            _("The head-count must be between 1 and 100,000."),
        ),
        (facts.channel not in CHANNELS, "channel", _("Choose how the matter came.")),
    )
    for wrong, name, sentence in checks:
        if wrong:
            raise InvalidData(name, sentence)


def _registering_unit(actor: Actor, unit: Unit | None, directory: Directory) -> Unit:
    if unit is not None:
        return unit
    if not actor.unit_id:
        raise InvalidData("unit", _("You belong to no unit: ask the administrator to assign one."))
    return directory.units[actor.unit_id].as_row()


def _receiver(actor: Actor) -> int:
    if actor.kind != "cadre" or actor.id is None:
        raise NotPermitted(_("Only a cadre receives visitors."))
    return actor.id


def _cadre_id(actor: Actor) -> int | None:
    return actor.id if actor.kind == "cadre" else None
