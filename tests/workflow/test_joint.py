"""Co-handling units, whistles and conferences: called, answered, scored; nothing ends without."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from agents.models import Unit
from agents.roles import Role
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import CadreFactory
from workflow import engine, requests
from workflow.actors import Actor
from workflow.calendar import Derivation
from workflow.errors import Blocked, InvalidData, NotAllowedNow, NotPermitted
from workflow.joint import CALLED_IN, JOINT_WORK_DONE
from workflow.models import Call, Clock, Conference, Delivery, Event, Note
from workflow.permissions import sees
from workflow.steps import END_STATES, STEPS, State, Term
from workflow.sweep import sweep

pytestmark = pytest.mark.django_db

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ASKED, WHISTLED = "ask_co_handling", "whistle"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def joint_case(cast: Cast, now: datetime, *moves: Any) -> Petition:
    return reach(State.HANDLING, cast, now, *moves)


def told(event: str) -> set[str]:
    rows = Delivery.objects.filter(event__name=event)
    return set(rows.values_list("recipient__username", flat=True))


def running(case: Petition) -> set[tuple[str, int]]:
    joint = [Term.CO_HANDLING, Term.CO_SILENCE, Term.WHISTLE]
    clocks = Clock.objects.filter(case=case, closed_at=None, term__in=joint)
    return {(clock.term, clock.for_unit) for clock in clocks}


def department(cast: Cast, name: str = "水务局") -> Unit:
    """One more department, with its head."""
    unit = Unit(code=name, name=name, kind=Unit.Kind.DEPARTMENT, parent=cast.unit["root"])
    unit.save()
    CadreFactory(unit=unit, name=f"{name}局长", username=f"{name}head", roles=[Role.UNIT_HEAD])
    return unit


# Co-handling --------------------------------------------------------------------------------


def test_each_co_handler_has_a_clock_of_its_own(cast: Cast, now: datetime):
    other = department(cast)
    later = {"unit": other, "due_on": (now + 20 * DAY).date()}

    case = joint_case(cast, now, ASKED, (ASKED, later))

    first = cast.unit["department"].pk
    both = {(term, unit) for term in ("CO_HANDLING", "CO_SILENCE") for unit in (first, other.pk)}
    assert running(case) == both
    due = dict(Clock.objects.filter(term="CO_HANDLING").values_list("for_unit", "due_at"))
    assert due[other.pk] - due[first] == 13 * DAY
    assert {call.unit_id: call.due_at for call in Call.objects.all()} == due
    clock = Clock.objects.get(term="CO_HANDLING", for_unit=first)
    assert Derivation.from_json(clock.derivation).replay() == clock.due_at


def test_an_answer_ends_the_clocks_of_that_unit_only(cast: Cast, now: datetime):
    other = department(cast)
    case = joint_case(cast, now, ASKED, (ASKED, {"unit": other}), "answer_call")

    assert running(case) == {("CO_HANDLING", other.pk), ("CO_SILENCE", other.pk)}
    assert told("answer_call") == {"handler", "head"}
    assert Note.objects.get(event__name="answer_call", key="answer").text == "协办答复文字"


def test_what_the_handler_asks_the_head_decides_in_one_tap(cast: Cast, now: datetime):
    case = joint_case(cast, now)
    data = {"unit": cast.unit["department"], "demand": "查", "due_on": (now + 3 * DAY).date()}

    request = requests.ask(case.pk, ASKED, actor=cast.actor("handler", now), now=now, **data)
    requests.decide(request.pk, approve=True, actor=cast.actor("head", now), now=now)

    assert Call.objects.get().cadre == cast.stranger
    assert told("request_made") == {"head", "dispatcher"}
    assert "stranger" in told(ASKED)


def test_silence_of_three_days_surfaces_to_the_lead_then_head_then_supervisor(
    cast: Cast, now: datetime
):
    case = joint_case(cast, now, (ASKED, {"due_on": (now + 30 * DAY).date()}))

    heard = []
    for days in (4, 5, 7):
        sweep(now + days * DAY)
        events = Event.objects.filter(case=case, data__term="CO_SILENCE")
        rows = Delivery.objects.filter(event=events.latest("pk"))
        heard.append(set(rows.values_list("recipient__username", flat=True)))

    assert "handler" in heard[0]
    assert "stranger" in heard[0]
    assert "head" in heard[1]
    assert {"head", "supervisor"} <= heard[2]


def test_taken_on_it_is_silent_no_longer_and_another_of_the_unit_may_do_it(
    cast: Cast, now: datetime
):
    other = CadreFactory(unit=cast.unit["department"], roles=[Role.HANDLER])
    case = joint_case(cast, now, ASKED, ("take_call", {"cadre": other}))

    assert running(case) == {("CO_HANDLING", cast.unit["department"].pk)}
    assert Call.objects.get().cadre == other
    assert sees(case, Actor.of(other, now))


def test_a_cadre_of_another_unit_can_t_take_it_on(cast: Cast, now: datetime):
    case = joint_case(cast, now, ASKED)

    with pytest.raises(InvalidData) as refused:
        drive(case, ("take_call", {"cadre": cast.handler}), cast=cast, now=now)

    assert refused.value.field == "cadre"


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [("community", "leads"), ("accused", "accused"), ("closed", "closed"), ("twice", "already")],
)
def test_a_unit_that_can_t_co_handle_is_refused_at_its_field(
    unit: str, sentence: str, cast: Cast, now: datetime
):
    case, chosen = joint_case(cast, now), cast.unit["community"]
    if unit != "community":
        chosen = department(cast)
    if unit == "accused":
        changes = {"accused_unit": chosen}
        case = drive(case, ("amend", {"changes": changes, "by": "clerk"}), cast=cast, now=now)
    elif unit == "closed":
        chosen.is_active = False
        chosen.save()
    elif unit == "twice":
        case = drive(case, (ASKED, {"unit": chosen}), cast=cast, now=now)

    with pytest.raises(InvalidData, match=sentence) as refused:
        drive(case, (ASKED, {"unit": chosen}), cast=cast, now=now)

    assert refused.value.field == "unit"


def test_a_day_gone_by_is_refused(cast: Cast, now: datetime):
    with pytest.raises(InvalidData) as refused:
        joint_case(cast, now, (ASKED, {"due_on": (now - DAY).date()}))

    assert refused.value.field == "due_on"


def test_an_answer_after_the_withdrawal_is_refused(cast: Cast, now: datetime):
    other = department(cast)
    case = joint_case(cast, now, ASKED, "release_call", (ASKED, {"unit": other}))
    withdrawn = Call.objects.get(unit=cast.unit["department"])

    with pytest.raises(NotAllowedNow, match="withdrawn"):
        drive(case, ("answer_call", {"call": withdrawn.pk}), cast=cast, now=now)

    assert NotAllowedNow.status == 409


def test_nobody_answers_for_another_unit(cast: Cast, now: datetime):
    other = department(cast)
    case = joint_case(cast, now, ASKED, (ASKED, {"unit": other}))
    call = Call.objects.get(unit=other)

    with pytest.raises(NotPermitted):
        drive(case, ("answer_call", {"call": call.pk}), cast=cast, now=now)


def test_a_declined_call_goes_back_to_the_lead_and_the_dispatcher(cast: Cast, now: datetime):
    case = joint_case(cast, now, ASKED, "decline_call")

    assert running(case) == set()
    assert told("decline_call") == {"handler", "head", "dispatcher"}


# Nothing ends without them ------------------------------------------------------------------


def test_every_step_that_ends_the_case_waits_for_the_called_units():
    back = {State.REGISTERED}
    for step in STEPS.values():
        leads_out = set(step.targets) - set(CALLED_IN) - back
        if leads_out and set(step.sources) & set(CALLED_IN):
            assert set(JOINT_WORK_DONE) <= set(step.guards), step.name


@pytest.mark.parametrize("name", ["submit_opinion", "divert_late", "withdraw"])
@pytest.mark.parametrize("called", [ASKED, WHISTLED])
def test_a_case_can_t_end_while_a_called_unit_owes_its_answer(
    called: str, name: str, cast: Cast, now: datetime
):
    case = joint_case(cast, now, called)

    with pytest.raises(Blocked) as refused:
        drive(case, name, cast=cast, now=now)

    assert any("has not answered" in str(reason) for reason in refused.value.reasons)


def test_a_case_ends_once_the_called_unit_is_released(cast: Cast, now: datetime):
    case = joint_case(cast, now, WHISTLED, "release_call", "submit_opinion")

    assert case.state == State.APPROVAL


def test_back_at_the_office_the_calls_are_over(cast: Cast, now: datetime):
    moves = ("dispatch", ASKED, WHISTLED, "object", "uphold_objection")
    case = drive(new_case(cast, now), *moves, cast=cast, now=now)

    assert running(case) == set()
    assert (case.calls, set(Call.objects.values_list("is_over", flat=True))) == (0, {True})


@pytest.mark.parametrize("state", [state for state in END_STATES if state != State.MERGED])
def test_no_step_of_joint_handling_is_left_in_an_ended_case(state: State):
    joint = {ASKED, WHISTLED, "take_call", "arrive", "answer_call", "decline_call", "release_call"}

    assert not any(state in STEPS[name].sources for name in joint)


# Whistles -----------------------------------------------------------------------------------


def test_an_emergency_calls_within_thirty_minutes_at_once(cast: Cast, now: datetime):
    head = CadreFactory(unit=cast.unit["department"], username="boss", roles=[Role.UNIT_HEAD])
    joint_case(cast, now, (WHISTLED, {"minutes": 240}))

    call = Call.objects.get()
    assert call.due_at == now + 30 * MINUTE
    assert call.cadre == head
    assert told(WHISTLED) == {"boss"}
    assert Delivery.objects.filter(event__name=WHISTLED, send_after__gt=now).count() == 0


def test_another_whistle_sets_its_own_time(cast: Cast, now: datetime):
    joint_case(cast, now, (WHISTLED, {"kind": "DAILY", "minutes": 240}))

    clock = Clock.objects.get(term="WHISTLE")
    assert clock.due_at == now + timedelta(hours=4) == Call.objects.get().due_at
    assert Derivation.from_json(clock.derivation).replay() == clock.due_at


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "DAILY"}, "minutes"),
        ({"units": []}, "units"),
        ({"units": ["department", "department"]}, "units"),
        ({"units": ["community"]}, "units"),
    ],
)
def test_a_whistle_that_can_t_be_blown_is_refused(
    data: dict[str, Any], field: str, cast: Cast, now: datetime
):
    if "units" in data:
        data = {"units": [cast.unit[name].pk for name in data["units"]]}

    with pytest.raises(InvalidData) as refused:
        joint_case(cast, now, (WHISTLED, data))

    assert refused.value.field == field


def test_who_does_not_come_is_told_to_the_supervisor(cast: Cast, now: datetime):
    joint_case(cast, now, WHISTLED)

    sweep(now + 31 * MINUTE)

    assert {"stranger", "handler", "head", "supervisor"} <= told("clock_expired")


def test_a_check_in_records_the_moment_and_ends_the_clock(cast: Cast, now: datetime):
    case = joint_case(cast, now, WHISTLED)
    later = now + 12 * MINUTE

    case = drive(case, "arrive", cast=cast, now=later)

    assert Call.objects.get().arrived_at == later
    assert running(case) == set()
    assert not Call.objects.get().was_late


def test_a_second_check_in_is_refused(cast: Cast, now: datetime):
    other = department(cast)
    units = [cast.unit["department"].pk, other.pk]
    case = joint_case(cast, now, (WHISTLED, {"units": units}), "arrive")
    arrived = Call.objects.get(arrived_at__isnull=False)

    with pytest.raises(NotAllowedNow, match="already"):
        drive(case, ("arrive", {"call": arrived.pk}), cast=cast, now=now)


@pytest.mark.parametrize(
    ("by", "minutes", "sentence"),
    [("head", -5, "before"), ("head", 5, "future"), ("stranger", 0, "check in now")],
)
def test_an_arrival_at_an_impossible_moment_is_refused(
    by: str, minutes: int, sentence: str, cast: Cast, now: datetime
):
    case = joint_case(cast, now, WHISTLED)
    arrived = {"by": by, "arrived_at": now + minutes * MINUTE}

    with pytest.raises(InvalidData, match=sentence) as refused:
        drive(case, ("arrive", arrived), cast=cast, now=now)

    assert refused.value.field == "arrived_at"


def test_a_unit_that_has_not_arrived_can_t_answer(cast: Cast, now: datetime):
    case = joint_case(cast, now, WHISTLED, ASKED)
    whistled = Call.objects.get(kind="WHISTLE")

    with pytest.raises(NotAllowedNow, match="Check in"):
        drive(case, ("answer_call", {"call": whistled.pk}), cast=cast, now=now)


def test_a_whistle_can_t_be_declined(cast: Cast, now: datetime):
    case = joint_case(cast, now, WHISTLED, ASKED)
    call = Call.objects.get(kind="WHISTLE")

    with pytest.raises(NotAllowedNow):
        drive(case, ("decline_call", {"call": call.pk}), cast=cast, now=now)


def test_the_street_scores_arrival_and_result_once_both_are_there(cast: Cast, now: datetime):
    case = joint_case(cast, now, WHISTLED, "arrive", "answer_call", "score_call")

    call = Call.objects.get()
    assert (call.arrival_score, call.result_score, call.scored_at) == (5, 4, now)
    with pytest.raises(Blocked):
        drive(case, ("score_call", {"call": call.pk}), cast=cast, now=now)


def test_scoring_before_the_arrival_is_refused(cast: Cast, now: datetime):
    other = department(cast)
    units = [cast.unit["department"].pk, other.pk]
    case = joint_case(cast, now, (WHISTLED, {"units": units}), "arrive", "answer_call")
    absent = Call.objects.get(arrived_at=None)

    with pytest.raises(NotAllowedNow, match="arrived"):
        drive(case, ("score_call", {"call": absent.pk}), cast=cast, now=now)


def test_a_score_beyond_five_is_refused(cast: Cast, now: datetime):
    with pytest.raises(InvalidData) as refused:
        joint_case(
            cast, now, WHISTLED, "arrive", "answer_call", ("score_call", {"result_score": 6})
        )

    assert refused.value.field == "result_score"


# Conferences --------------------------------------------------------------------------------


def test_a_conference_is_recorded_and_decides_nothing_by_itself(cast: Cast, now: datetime):
    lead = cast.unit["department"]
    case = drive(
        new_case(cast, now), "dispatch", "object", ("record_conference", {"lead": lead}),
        cast=cast, now=now,
    )  # fmt: skip

    conference = Conference.objects.get()
    assert (conference.lead, len(conference.units)) == (lead, 2)
    assert (case.state, case.unit) == (State.OBJECTED, cast.unit["community"])


@pytest.mark.parametrize(
    ("data", "field"),
    [({"units": ["office"]}, "units"), ({"held_on": 1}, "held_on")],
)
def test_a_conference_of_one_unit_or_still_to_come_is_refused(
    data: dict[str, Any], field: str, cast: Cast, now: datetime
):
    if "units" in data:
        data = {"units": [cast.unit[name].pk for name in data["units"]]}
    else:
        data = {"held_on": (now + DAY).date()}

    with pytest.raises(InvalidData) as refused:
        joint_case(cast, now, ("record_conference", data))

    assert refused.value.field == field


def test_a_sealed_case_knows_no_joint_handling(cast: Cast, now: datetime):
    case = new_case(cast, now, "accusation")

    engine.attach([case], cast.actor("liaison", now), now)

    assert not any(choice.enabled for choice in engine.choices(case) if "conf" in choice.step.name)
