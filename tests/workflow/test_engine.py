"""One rule, two writers: what perform, perform_many and register leave behind, and refuse."""

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from petitions.intake import CaseData, Filing, register_rows
from petitions.models import Petition
from petitions.people import PersonData
from tests.cast import Cast
from tests.driving import attachment, default_data, drive, go, new_case, performer, reach
from tests.routes import Route, route_id, routes
from workflow import engine
from workflow.errors import Blocked, NoSuchStep, NotAllowedNow, NotPermitted, Stale
from workflow.models import Clock, Delivery, Document, Event, Note
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db

ONE_EDGE_A_STEP = [
    (step.sources[0], name) for name, step in STEPS.items() if State.NEW not in step.sources
]


# What a step leaves behind --------------------------------------------------------------------


@pytest.mark.parametrize(("route", "names"), routes(ONE_EDGE_A_STEP), ids=route_id)
def test_the_event_holds_codes_and_the_note_the_words(
    route: Route, names: list[str], cast: Cast, now: datetime
):
    case = go(route, cast, now)

    for name in names:
        data = default_data(name, case, cast, now)
        with transaction.atomic():
            drive(case, (name, data), cast=cast, now=now)
            event = Event.objects.filter(case=case, name=name).latest("id")
            words = {note.key: note.text for note in event.notes.all()}
            transaction.set_rollback(True)
        assert str(event.data).isascii(), name
        assert event.data.keys().isdisjoint(STEPS[name].texts | STEPS[name].rows), name
        assert {key: data[key] for key in STEPS[name].texts & data.keys()}.items() <= words.items()


def test_a_note_is_encrypted_at_rest(cast: Cast, now: datetime):
    drive(new_case(cast, now), "withdraw", cast=cast, now=now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM workflow_note")
        [(stored,)] = cursor.fetchall()
    assert "文字" not in stored
    assert Note.objects.get().text == "撤回文字"


def test_an_amendment_keeps_old_and_new(cast: Cast, now: datetime):
    case = drive(
        new_case(cast, now), ("amend", {"changes": {"head_count": 3}}), cast=cast, now=now
    )  # fmt: skip

    assert case.head_count == 3
    assert Note.objects.get(key="amended:head_count").text == "1 → 3"


def test_the_event_says_who_when_and_whither(cast: Cast, now: datetime):
    case = reach(State.DISPATCHED, cast, now)

    event = Event.objects.filter(case=case).latest("id")
    assert (event.name, event.at, event.actor_id) == ("dispatch", now, cast.clerk.pk)
    assert (event.from_state, event.to_state) == ("REGISTERED", "DISPATCHED")
    assert event.data["handler"] == cast.handler.pk


def test_an_event_is_never_changed(cast: Cast, now: datetime):
    event = Event.objects.get(case=new_case(cast, now))

    with pytest.raises(TypeError):
        event.save()


def test_each_step_raises_the_version_by_one(cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)

    assert case.version == Petition.objects.get(pk=case.pk).version == 3


def test_a_refused_step_leaves_nothing(cast: Cast, now: datetime):
    case = reach(State.DISPATCHED, cast, now)
    before = Event.objects.count(), Note.objects.count(), Delivery.objects.count()

    with pytest.raises(NotPermitted):
        drive(case, ("sign", {"by": "clerk"}), cast=cast, now=now)

    assert (Event.objects.count(), Note.objects.count(), Delivery.objects.count()) == before
    assert Petition.objects.get(pk=case.pk).version == case.version


def test_rows_given_with_a_step_belong_to_case_and_event(cast: Cast, now: datetime):
    case = drive(new_case(cast, now), "attach", cast=cast, now=now)

    row = case.attachments.get()
    assert row.event.name == "attach"
    assert case.evidence_count == 1


def test_a_notice_reaches_the_new_holders_and_not_the_actor(cast: Cast, now: datetime):
    case = reach(State.DISPATCHED, cast, now)

    told = Delivery.objects.filter(event__case=case).values_list("notice", "recipient")
    assert set(told) == {("dispatched", cast.handler.pk), ("dispatched", cast.agent.pk)}


def test_whoever_loses_a_case_is_told(cast: Cast, now: datetime):
    case = reach(State.DISPATCHED, cast, now, "recall")

    told = Delivery.objects.filter(event__case=case, notice="recalled").values_list("recipient")
    assert {pk for (pk,) in told} == {cast.handler.pk, cast.head.pk}


# Refusals -------------------------------------------------------------------------------------


def test_an_unknown_step_does_not_exist(cast: Cast, now: datetime):
    case = new_case(cast, now)

    with pytest.raises(NoSuchStep):
        engine.perform(case.pk, "vanish", actor=cast.actor("clerk", now), now=now)


def test_an_unknown_case_does_not_exist(cast: Cast, now: datetime):
    with pytest.raises(Petition.DoesNotExist):
        engine.perform(0, "sign", actor=cast.actor("clerk", now), now=now)


def test_a_stale_reader_is_told_what_happened(cast: Cast, now: datetime):
    case = new_case(cast, now)
    drive(case, "classify", "dispatch", cast=cast, now=now)

    with pytest.raises(Stale) as refused:
        engine.perform(
            case.pk, "sign", actor=cast.actor("handler", now), now=now, seen=case.version
        )  # fmt: skip

    assert [event.name for event in refused.value.happened] == ["classify", "dispatch"]


def test_the_version_just_seen_is_not_stale(cast: Cast, now: datetime):
    case = reach(State.DISPATCHED, cast, now)

    actor = cast.actor("handler", now)
    case = engine.perform(case.pk, "sign", actor=actor, now=now, seen=case.version)

    assert case.state == State.SIGNED


def test_a_step_that_is_no_more_possible_tells_what_happened_last(cast: Cast, now: datetime):
    case = reach(State.WITHDRAWN, cast, now)

    with pytest.raises(NotAllowedNow) as refused:
        drive(case, "classify", cast=cast, now=now)

    assert [event.name for event in refused.value.happened] == ["withdraw"]
    assert "已撤回" in str(refused.value) or "Withdrawn" in str(refused.value)


def test_a_blocked_step_names_every_guard_that_fails(cast: Cast, now: datetime):
    case = reach(State.FOLLOW_UP, cast, now)

    with pytest.raises(Blocked) as refused:
        drive(case, "reopen", cast=cast, now=now)

    reasons = [guard.sentence for guard in STEPS["reopen"].guards]
    assert refused.value.reasons == reasons


def test_who_may_comes_before_why_not(cast: Cast, now: datetime):
    case = reach(State.FOLLOW_UP, cast, now)

    with pytest.raises(NotPermitted):
        drive(case, ("reopen", {"by": "handler"}), cast=cast, now=now)


def test_a_leaver_may_do_nothing(cast: Cast, now: datetime):
    case = reach(State.DISPATCHED, cast, now)
    cast.handler.is_active = False
    cast.handler.save()

    with pytest.raises(NotPermitted):
        drive(case, ("sign", {"by": "handler"}), cast=cast, now=now)


# Many at once -----------------------------------------------------------------------------------


def test_perform_many_does_what_it_can_and_says_what_it_could_not(cast: Cast, now: datetime):
    cases = [reach(State.DISPATCHED, cast, now), new_case(cast, now)]

    outcome = engine.perform_many(
        [case.pk for case in cases], "sign", actor=cast.actor("handler", now), now=now
    )

    assert [case.pk for case in outcome.done] == [cases[0].pk]
    [(pk, error)] = outcome.refused
    assert (pk, type(error)) == (cases[1].pk, NotAllowedNow)


def test_perform_many_gives_each_case_rows_of_its_own(cast: Cast, now: datetime):
    cases = [new_case(cast, now) for _ in range(2)]

    engine.perform_many(
        [case.pk for case in cases], "attach", actor=cast.actor("clerk", now), now=now,
        files=[attachment(now)],
    )  # fmt: skip

    assert [case.attachments.count() for case in cases] == [1, 1]


def test_perform_many_costs_the_same_for_two_as_for_ten(
    cast: Cast, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
):
    few, many = ([reach(State.DISPATCHED, cast, now).pk for _ in range(n)] for n in (2, 10))
    actor = cast.actor("handler", now)
    with connection.execute_wrapper(count := Counting()):
        engine.perform_many(few, "sign", actor=actor, now=now)

    with django_assert_num_queries(count.queries):
        engine.perform_many(many, "sign", actor=actor, now=now)


def test_one_step_costs_few_statements(cast: Cast, now: datetime):
    case = reach(State.DISPATCHED, cast, now)
    actor = cast.actor("handler", now)

    with connection.execute_wrapper(count := Counting()):
        engine.perform(case.pk, "sign", actor=actor, now=now)

    assert count.queries <= 14


class Counting:
    """Counts statements."""

    queries = 0

    def __call__(self, execute, *args):  # type: ignore[no-untyped-def]
        self.queries += 1
        return execute(*args)


# Registering ------------------------------------------------------------------------------------


def test_an_old_record_opens_no_clock_and_tells_nobody(cast: Cast, now: datetime):
    facts = CaseData("LETTER", now - timedelta(days=900), "旧事", cast.area, reply="已办")

    [old] = register_rows(
        [Filing(PersonData(name="王建国"), facts)], actor=cast.actor("system", now), now=now,
        unit=cast.unit["office"], history=True,
    )  # fmt: skip

    assert (old.state, old.is_history) == (State.CLOSED, True)
    assert not Clock.objects.filter(case=old).exists()
    assert not Delivery.objects.filter(event__case=old).exists()


def test_only_the_registrars_register(cast: Cast, now: datetime):
    with pytest.raises(NotPermitted):
        new_case(cast, now, by="handler")


# Papers -----------------------------------------------------------------------------------------


def test_papers_are_numbered_without_a_gap_after_a_rollback(cast: Cast, now: datetime):
    cases = [new_case(cast, now) for _ in range(3)]
    drive(cases[0], "dispatch", cast=cast, now=now)
    with transaction.atomic():
        drive(cases[1], "dispatch", cast=cast, now=now)
        transaction.set_rollback(True)

    drive(cases[2], "dispatch", cast=cast, now=now)

    numbers = Document.objects.order_by("id").values_list("number", flat=True)
    assert list(numbers) == ["石信转〔2026〕1号", "石信转〔2026〕2号"]


def test_each_kind_of_paper_has_its_own_series_and_year(cast: Cast, now: datetime):
    later = now + timedelta(days=60)
    drive(new_case(cast, now), "dispatch", "sign", "accept", cast=cast, now=now)
    drive(new_case(cast, later), "dispatch", cast=cast, now=later)

    numbers = Document.objects.order_by("id").values_list("number", flat=True)
    assert list(numbers) == ["石信转〔2026〕1号", "石信受〔2026〕1号", "石信转〔2027〕1号"]


def test_the_opinion_s_paper_holds_what_was_drafted_and_its_hash(cast: Cast, now: datetime):
    case = reach(State.ANSWERED, cast, now)

    paper = Document.objects.get(case=case, kind="opinion")
    assert all(words in paper.text for words in ("事实文字", "依据文字", "答复文字", case.number))
    assert len(paper.sha256) == 64
    assert paper.issued_by_id == cast.head.pk


def test_every_step_has_somebody_who_usually_does_it(cast: Cast, now: datetime):
    case = new_case(cast, now)

    assert all(performer(name, case) for name in STEPS if "NEW" not in STEPS[name].sources)


#: Parameters whose values come from a closed list of codes.
CODES = {"petition_class", "path", "urgency", "way", "procedure", "result", "reason_code", "ground",
         "attitude", "satisfaction", "office_satisfaction", "resolved", "kind",
         "adopted", "term", "signature", "petitioner_identity", "agent_identity",
         "wish"}  # fmt: skip


def test_a_step_takes_no_string_into_its_event_but_codes():
    plain = {
        name for step in STEPS.values() for name, hint in step.params.items() if hint is str
    }  # fmt: skip

    assert plain == CODES
