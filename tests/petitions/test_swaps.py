"""Duty around the clock: hours, gaps, who is reached in an emergency, swaps, notes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.directory import Directory
from agents.models import Area, Cadre, DutyShift, DutySwap, ShiftNote, Station
from agents.models.duty import span_of
from agents.rota import gaps
from petitions.duty import gaps_ahead, read_shift
from tests.cast import Cast
from tests.driving import drive, new_case
from tests.factories import AbsenceFactory
from workflow.codes import Urgency
from workflow.models import Delivery
from workflow.steps import STEPS

TODAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)
needs_rows = pytest.mark.django_db


def shift(cast: Cast, who: str, hours: int, length: int = 8, unit: str = "community") -> DutyShift:
    """A shift that begins so many hours from nine o'clock on Monday."""
    begin = datetime.fromisoformat("2026-11-23T09:00+08:00") + HOUR * hours
    cadre = cast.people[who]
    return DutyShift.objects.create(
        unit=cast.unit[unit], day=begin.date(), shift=f"班{hours}", cadre=cadre, name=cadre.name,
        phone="88680001", starts_at=begin, ends_at=begin + HOUR * length,
    )  # fmt: skip


# Hours ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("白班 08:30-17:30", "2026-11-23T08:30", "2026-11-23T17:30"),
        ("夜班17:30至08:30", "2026-11-23T17:30", "2026-11-24T08:30"),
        ("晚班 16:00-24:00", "2026-11-23T16:00", "2026-11-24T00:00"),
        ("值班", "2026-11-23T00:00", "2026-11-24T00:00"),
    ],
)
def test_hours_stand_in_the_name_of_the_shift(text: str, begin: str, end: str) -> None:
    wanted = tuple(datetime.fromisoformat(f"{one}+08:00") for one in (begin, end))

    assert span_of(TODAY, text) == wanted


@pytest.mark.parametrize("hours", ["18:00-17:00", "08:00-08:00", "25:00-26:00"])
def test_shift_reversed_or_without_sense_is_refused(hours: str) -> None:
    with pytest.raises(ValueError, match=hours):
        read_shift(f"11-23 班 {hours} 张三 88680001", TODAY)


def test_gaps_are_what_no_shift_covers() -> None:
    begin = datetime.fromisoformat("2026-11-23T00:00+08:00")
    spans = [(begin + HOUR * 8, begin + HOUR * 16), (begin + HOUR * 15, begin + HOUR * 20)]

    found = gaps(spans, begin, begin + HOUR * 24)

    assert found == [
        (begin, begin + HOUR * 8), (begin + HOUR * 20, begin + HOUR * 24),
    ]  # fmt: skip


@needs_rows
def test_station_without_a_roster_is_one_gap(cast: Cast, now: datetime) -> None:
    district = Area.objects.create(code="110107000000", name="石景山区")
    Station.objects.create(
        kind="CENTRE", name="区代理中心", unit=cast.unit["office"], area=district,
        address="区政府", phone="88680000", hours="8:30-17:30",
    )  # fmt: skip

    [gap] = gaps_ahead(cast.actor("dispatcher", now), Directory.current(), now)

    assert (gap.place, gap.end - gap.begin) == ("区代理中心", timedelta(days=7))


@needs_rows
def test_station_has_a_roster_of_its_own(cast: Cast, now: datetime, client: Client) -> None:
    street = Area.objects.create(code="110107004000", name="古城街道", level=4)
    station = Station.objects.create(
        kind="STATION", name="古城代理站", unit=cast.unit["street"], area=street, address="街道",
        phone="88680002", hours="全天",
    )  # fmt: skip
    shift(cast, "street_clerk", hours=0, unit="street")
    client.force_login(cast.parent_head)

    client.post("/duty/", {"lines": "11-23 白班 李四 88680001", "station": station.pk})

    assert DutyShift.objects.get(station=station).name == "李四"
    assert DutyShift.objects.filter(station=None).count() == 1
    names = {one.name for one in Directory.current().on_duty(cast.unit["street"].pk, now)}
    assert names == {"李四", cast.street_clerk.name}


@needs_rows
def test_pasted_name_is_the_account_of_that_name(cast: Cast, now: datetime, client: Client) -> None:
    client.force_login(cast.head)

    client.post("/duty/", {"lines": f"11-23 白班 {cast.handler.name} 88680001"})

    assert DutyShift.objects.get().cadre == cast.handler


# Urgent dispatches -----------------------------------------------------------------------------


def told(case: Any, cadre: Cadre) -> set[str]:
    found = Delivery.objects.filter(event__case=case.pk, recipient=cadre)
    return set(found.values_list("notice", flat=True))


@needs_rows
@pytest.mark.parametrize(
    ("urgency", "notices"),
    [(Urgency.URGENT, {"dispatched_urgently"}), (Urgency.GENERAL, set())],
)
def test_urgent_dispatch_reaches_who_is_on_duty_now(
    cast: Cast, now: datetime, urgency: str, notices: set[str]
) -> None:
    shift(cast, "stand_in", hours=0)
    shift(cast, "near_caller", hours=8)

    case = drive(new_case(cast, now, urgency=urgency), "dispatch", cast=cast, now=now)

    assert told(case, cast.stand_in) == notices
    assert told(case, cast.near_caller) == set()


@needs_rows
def test_with_nobody_on_duty_there_it_reaches_the_unit_above(cast: Cast, now: datetime) -> None:
    shift(cast, "street_clerk", hours=-2, unit="street")

    case = drive(new_case(cast, now, urgency=Urgency.URGENT), "dispatch", cast=cast, now=now)

    assert told(case, cast.street_clerk) == {"dispatched_urgently"}
    assert "dispatched_urgently" in STEPS["dispatch"].notices


@needs_rows
def test_page_of_dispatching_names_who_is_on_duty_now(
    cast: Cast, now: datetime, client: Client
) -> None:
    shift(cast, "clerk", hours=0, unit="office")
    case = new_case(cast, now)
    client.force_login(cast.dispatcher)

    shown = client.get(reverse("step", args=[case.number, "dispatch"])).content.decode()

    assert cast.clerk.name in shown


# Swaps ------------------------------------------------------------------------------------------


@pytest.fixture
def ask(client: Client, cast: Cast, now: datetime) -> Any:
    """The handler offers a shift."""

    def post(mine: DutyShift, to: str) -> Any:
        client.force_login(cast.handler)
        return client.post(reverse("ask_swap"), {"swap-shift": mine.pk, "swap-to": to})

    return post


def decide(client: Client, by: Cadre, decision: str = "agree") -> Any:
    client.force_login(by)
    [swap] = DutySwap.objects.all()
    return client.post(reverse("decide_swap", args=[swap.pk]), {"decision": decision})


@needs_rows
def test_shifts_change_hands_once_the_colleague_agrees(
    ask: Any, cast: Cast, client: Client
) -> None:
    mine, theirs = shift(cast, "handler", 24), shift(cast, "stand_in", 48)

    ask(mine, f"s{theirs.pk}")
    mine.refresh_from_db()
    assert mine.cadre == cast.handler
    decide(client, cast.stand_in)

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.cadre, theirs.cadre, mine.name) == (cast.stand_in, cast.handler, "代班人")


@needs_rows
def test_colleague_who_is_on_duty_already_is_refused(ask: Any, cast: Cast) -> None:
    mine = shift(cast, "handler", 24)
    shift(cast, "stand_in", 28)

    answer = ask(mine, f"c{cast.stand_in.pk}")

    assert answer.status_code == 400
    assert answer.context["form"].errors["to"]
    assert not DutySwap.objects.exists()


@needs_rows
def test_colleague_who_is_away_is_refused(ask: Any, cast: Cast) -> None:
    AbsenceFactory(cadre=cast.stand_in, stand_in=cast.agent)

    assert ask(shift(cast, "handler", 24), f"c{cast.stand_in.pk}").status_code == 400


@needs_rows
def test_on_duty_meanwhile_the_swap_no_longer_goes_through(
    ask: Any, cast: Cast, client: Client
) -> None:
    mine = shift(cast, "handler", 24)
    ask(mine, f"c{cast.stand_in.pk}")
    shift(cast, "stand_in", 25)

    decide(client, cast.stand_in)

    mine.refresh_from_db()
    assert (mine.cadre, DutySwap.objects.get().decision) == (cast.handler, "")


@needs_rows
@pytest.mark.parametrize(("by", "status"), [("agent", 403), ("stand_in", 302)])
def test_only_who_was_asked_decides(
    ask: Any, cast: Cast, client: Client, by: str, status: int
) -> None:
    ask(shift(cast, "handler", 24), f"c{cast.stand_in.pk}")

    assert decide(client, cast.people[by]).status_code == status


@needs_rows
def test_decided_swap_is_decided_once(ask: Any, cast: Cast, client: Client) -> None:
    ask(shift(cast, "handler", 24), f"c{cast.stand_in.pk}")
    decide(client, cast.stand_in, "refuse")

    assert decide(client, cast.stand_in).status_code == 409


@needs_rows
def test_head_sees_the_swaps_of_the_unit(ask: Any, cast: Cast, client: Client) -> None:
    ask(shift(cast, "handler", 24), f"c{cast.stand_in.pk}")
    client.force_login(cast.head)

    assert len(client.get("/duty/").context["swapped"]) == 1


# Notes -------------------------------------------------------------------------------------------


@needs_rows
def test_next_on_duty_reads_the_note_of_the_shift_before(
    cast: Cast, now: datetime, client: Client
) -> None:
    ended = shift(cast, "handler", -8)
    shift(cast, "stand_in", 0)
    client.force_login(cast.handler)
    client.post(
        reverse("write_note"), {"note-shift": ended.pk, "note-text": "三号楼停水，已报修。"}
    )
    note = ShiftNote.objects.get()
    assert client.post(reverse("read_note", args=[note.pk])).status_code == 409
    client.force_login(cast.stand_in)
    assert "三号楼停水" in client.get(reverse("my_duty")).content.decode()

    client.post(reverse("read_note", args=[note.pk]))

    note.refresh_from_db()
    assert (note.read_by, note.read_at) == (cast.stand_in, now)


@needs_rows
def test_note_is_written_by_who_was_on_duty(cast: Cast, now: datetime, client: Client) -> None:
    other = shift(cast, "stand_in", -8)
    client.force_login(cast.handler)

    answer = client.post(reverse("write_note"), {"note-shift": other.pk, "note-text": "无事。"})

    assert (answer.status_code, ShiftNote.objects.count()) == (400, 0)
