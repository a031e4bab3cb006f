"""An import is taken back as a whole while nothing has come of it, or not at all."""

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from petitions.exchange import runs, undoing
from petitions.exchange.feedback import Span, hand_back
from petitions.exchange.undoing import MovedOn
from petitions.intake import VisitData, log_visit
from petitions.models import ImportRun, Petition, Petitioner
from petitions.reveal import reveal
from tests.cast import Cast
from tests.petitions.exchange.order_sheets import ORDERS, city_order
from tests.petitions.exchange.sending import imported, messages, sheet, undo
from tests.petitions.exchange.sheets import ORDER, order
from workflow import delivery, engine, sweep
from workflow.actors import Actor
from workflow.errors import WorkflowError
from workflow.models import Answer, Clock, Delivery, Event, InboxMessage

pytestmark = pytest.mark.usefixtures("office")


@pytest.fixture
def clerk(cast: Cast, now: datetime, client: Client) -> Client:
    client.force_login(cast.clerk)
    client.cookies["xinfang_language"] = "en"
    return client


def taken_back(client: Client, run: ImportRun, now: datetime) -> ImportRun:
    assert undo(client, run).status_code == 302
    while runs.carry_on(now):
        pass
    run.refresh_from_db()
    return run


def rows_left() -> int:
    tables: tuple[Any, ...] = (Petition, Petitioner, Event, Clock, Answer, Delivery, InboxMessage)
    return sum(table.objects.count() for table in tables)


@pytest.mark.parametrize("mode", ["new", "history"])
def test_undo_leaves_nothing_but_the_trace(clerk: Client, cast: Cast, now: datetime, mode: str):
    run = taken_back(clerk, imported(clerk, messages(1, 2, 3), now, mode=mode), now)

    assert rows_left() == 0
    assert (run.stage, run.undone, run.undone_by, run.undone_at) == ("UNDONE", 3, cast.clerk, now)


def test_undo_takes_back_orders_of_the_city_unless_they_were_handed_back(
    clerk: Client, now: datetime
):
    run = taken_back(clerk, imported(clerk, sheet(ORDERS, city_order()), now), now)
    assert (rows_left(), run.undone) == (0, 1)
    again = imported(clerk, sheet(ORDERS, city_order()), now)
    hand_back(Span(), user=None, now=now)

    with pytest.raises(MovedOn):
        undoing.undo(again.pk, actor=Actor.of(again.started_by, now), now=now)


def test_undo_in_several_batches_takes_everything(
    clerk: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(undoing, "BATCH", 2)
    run = taken_back(clerk, imported(clerk, messages(*range(1, 6)), now), now)

    assert (rows_left(), run.undone, run.problem) == (0, 5, "")


def test_undone_file_is_imported_again_under_new_numbers(clerk: Client, now: datetime):
    run = imported(clerk, messages(1), now)
    number = Petition.objects.get().number
    taken_back(clerk, run, now)

    assert imported(clerk, messages(1), now).created == 1
    assert Petition.objects.get().number != number


def test_undo_leaves_other_imports_and_their_people(clerk: Client, now: datetime):
    first = imported(clerk, messages(1), now)
    orders = imported(clerk, sheet(ORDER, order(1)), now)
    taken_back(clerk, orders, now)

    assert [case.import_run for case in Petition.objects.all()] == [first]
    assert Petitioner.objects.count() == 1


def test_undo_keeps_a_person_whom_a_visit_names(clerk: Client, cast: Cast, now: datetime):
    run = imported(clerk, messages(1), now)
    asked = VisitData(at=now, kind="INQUIRY")
    person = Petitioner.objects.get()
    log_visit(asked, actor=cast.actor("clerk", now), now=now, petitioner=person)

    taken_back(clerk, run, now)
    assert Petitioner.objects.get() == person


def test_undo_takes_reminders_and_their_notices_along(clerk: Client, now: datetime):
    run = imported(clerk, sheet(ORDER, order(1, 性质="举报")), now, mode="new")
    sweep.sweep(now + timedelta(days=40))
    delivery.deliver(now + timedelta(days=40))

    taken_back(clerk, run, now + timedelta(days=40))
    assert rows_left() == 0


def classify(case: Petition, cast: Cast, now: datetime) -> None:
    engine.perform(
        case.pk, "classify", actor=cast.actor("clerk", now), now=now, petition_class="APPEAL",
        path="PETITION", category=cast.category, problem_area=cast.area, urgency="GENERAL",
        points=case.points(["修好路灯"]),
    )  # fmt: skip


def visit(case: Petition, cast: Cast, now: datetime) -> None:
    said = VisitData(at=now, kind="PROGRESS")
    log_visit(said, actor=cast.actor("clerk", now), now=now, petition=case)


def look(case: Petition, cast: Cast, now: datetime) -> None:
    reveal(case, "query_code", "核对", cast.clerk, now)


@pytest.mark.parametrize("touch", [classify, visit, look])
def test_undo_of_an_import_with_a_case_that_moved_on_undoes_nothing(
    clerk: Client, cast: Cast, now: datetime, touch: Any
):
    run = imported(clerk, messages(1, 2, 3), now)
    moved = Petition.objects.order_by("id")[1]
    touch(moved, cast, now)
    answer = undo(clerk, run)

    assert answer.status_code == 409
    assert Petition.objects.count() == 3
    assert moved.get_absolute_url() in answer.content.decode()
    assert "1 case has been worked on" in unescape(answer.content.decode())


def test_undo_does_not_name_an_accusation_that_moved_on(clerk: Client, cast: Cast, now: datetime):
    run = imported(clerk, sheet(ORDER, order(1, 性质="举报"), order(2)), now, mode="new")
    sealed = Petition.objects.get(sealed=True)
    engine.perform(
        sealed.pk, "hand_to_discipline", actor=cast.actor("liaison", now), now=now,
        organ="区纪委", reason="",
    )  # fmt: skip
    answer = undo(clerk, run)

    assert (answer.status_code, Petition.objects.count()) == (409, 2)
    assert sealed.number not in answer.content.decode()


def test_undo_keeps_a_case_somebody_acts_on_in_the_meantime(
    clerk: Client, cast: Cast, now: datetime
):
    run = imported(clerk, messages(1, 2), now)
    undo(clerk, run)
    visit(Petition.objects.latest("id"), cast, now)
    runs.carry_on(now)

    run.refresh_from_db()
    assert (run.stage, run.undone, Petition.objects.count()) == ("UNDONE", 1, 1)
    assert run.problem


@pytest.mark.parametrize("stage", ["DRAFT", "RUNNING", "UNDOING", "UNDONE"])
def test_undo_in_another_state_is_refused(clerk: Client, cast: Cast, now: datetime, stage: str):
    run = imported(clerk, messages(1), now)
    ImportRun.objects.update(stage=stage, undone_at=now)

    with pytest.raises(WorkflowError) as refused:
        undoing.undo(run.pk, actor=cast.actor("clerk", now), now=now)
    assert not isinstance(refused.value, MovedOn)


def test_undo_by_a_colleague_of_the_office_is_told(clerk: Client, cast: Cast, now: datetime):
    run = imported(clerk, messages(1), now)
    clerk.force_login(cast.dispatcher)

    assert taken_back(clerk, run, now).undone_by == cast.dispatcher
    assert "派单员" in clerk.get(run.get_absolute_url()).content.decode()


def test_unregister_many_leaves_what_moved_on(clerk: Client, cast: Cast, now: datetime):
    imported(clerk, messages(1, 2), now)
    still, moved = Petition.objects.order_by("id")
    visit(moved, cast, now)

    assert engine.unregister_many([still.pk, moved.pk]) == [still.pk]
    assert Petition.objects.get() == moved
