"""Handing back to the city: each change once, nothing sealed, what was handed over is kept."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from petitions.exchange import feedback, feedback_format
from petitions.exchange.feedback import Span, hand_back, rows_of
from petitions.exchange.filings import Mode
from petitions.models import CityOrder, FeedbackFile, FeedbackLine, Petition
from tests.cast import Cast
from tests.driving import drive
from tests.petitions.exchange.imports import take
from tests.petitions.exchange.order_sheets import ORDERS, city_order
from tests.petitions.exchange.sheets import write_csv
from workflow.codes import AnswerKind, DeclineReason, Resolved, Result, Satisfaction
from workflow.codes import Path as LawPath
from workflow.steps import STORED_STATES

pytestmark = pytest.mark.usefixtures("office")

NEWS = Span()
VISITED_BADLY = ("record_return_visit", {"satisfaction": "DISSATISFIED", "resolved": "NO"})


@pytest.fixture
def received(folder: Path, now: datetime) -> Any:
    """Registers that many orders; gives the cases."""

    def receive(count: int = 1, **cells: Any) -> list[Petition]:
        before = set(Petition.objects.values_list("pk", flat=True))
        rows = [city_order(f"SJ{len(before) + place}", **cells) for place in range(count)]
        take(write_csv(folder / "orders.csv", ORDERS, *rows), now, Mode.NEW)
        return list(Petition.objects.exclude(pk__in=before).order_by("pk"))

    return receive


def told(made: FeedbackFile | None, now: datetime, user: Any = None) -> list[dict[str, str]]:
    """The rows of a file, by their headers."""
    assert made is not None
    rows = rows_of(made, user=user, now=now)
    return [dict(zip(feedback_format.COLUMNS, row, strict=True)) for row in rows]


def tell(now: datetime, user: Any = None, span: Span = NEWS) -> list[dict[str, str]]:
    """What is new, handed back."""
    return told(hand_back(span, user=user, now=now), now, user)


def answered(case: Petition, cast: Cast, now: datetime, *more: Any) -> Petition:
    """Handled and answered, then driven further."""
    moves = ("classify", "dispatch", "sign", "log_contact", "take_up", "reply", *more)
    return drive(case, *moves, cast=cast, now=now)


# What a row says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (feedback_format.STATES, STORED_STATES),
        (feedback_format.RESULTS, Result),
        (feedback_format.RESOLVED, Resolved),
        (feedback_format.SATISFACTION, Satisfaction),
    ],
)
def test_words_are_there_for_every_code(words: dict[str, str], codes: Any):
    assert set(words) == set(codes)
    assert len(set(words.values())) == len(words)


def test_words_are_there_for_every_ground_without_an_answer():
    grounds = {*DeclineReason, *(f"PATH_{path}" for path in LawPath if path != LawPath.PETITION)}

    assert grounds <= set(feedback_format.ENDED_ELSEWHERE)


def test_row_s_words_are_those_of_the_description():
    page = (Path(__file__).parents[3] / "docs/formats/orders_12345.md").read_text()
    tables = (
        feedback_format.STATES, feedback_format.RESULTS, feedback_format.AT_ONCE,
        feedback_format.RESOLVED, feedback_format.SATISFACTION, feedback_format.ENDED_ELSEWHERE,
    )  # fmt: skip
    words = {word for table in tables for word in table.values()}

    assert [word for word in words if f"`{word}`" not in page] == []
    assert ",".join(feedback_format.COLUMNS) in page


def test_row_before_any_contact_says_nothing_of_it(received: Any, now: datetime):
    received()

    [row] = tell(now)

    assert (row["首次联系时间"], row["是否联系上"], row["满意度"]) == ("", "", "")


def test_row_tells_a_failed_contact_until_one_reaches(received: Any, cast: Cast, now: datetime):
    [case] = received()
    failed = ("log_contact", {"reached": False})
    drive(case, "classify", "dispatch", "sign", failed, cast=cast, now=now)
    [first] = tell(now)
    later = now + timedelta(hours=1)
    drive(case, "log_contact", cast=cast, now=later)

    [second] = tell(later)

    assert (first["是否联系上"], first["首次联系时间"]) == ("否", "2026-11-23 09:00:00")
    assert (second["是否联系上"], second["首次联系时间"]) == ("是", "2026-11-23 10:00:00")


def test_row_numbers_the_answers_of_several_points(received: Any, cast: Cast, now: datetime):
    answered(received()[0], cast, now)

    [row] = tell(now)

    assert row["答复内容"] == "1. 答复文字\n2. 答复文字\n小结文字"


def test_row_of_an_answer_at_once_carries_its_words(received: Any, cast: Cast, now: datetime):
    drive(received()[0], "classify", "answer_at_once", cast=cast, now=now)

    [row] = tell(now)

    assert (row["办理结果"], row["答复内容"]) == ("当场答复", "当场答复文字")
    assert AnswerKind.AT_ONCE in feedback_format.AT_ONCE


def test_row_of_a_case_handled_again_begins_anew(received: Any, cast: Cast, now: datetime):
    answered(received()[0], cast, now, "serve", VISITED_BADLY, "rework")

    [row] = tell(now)

    assert (row["办理状态"], row["答复时间"], row["满意度"], row["是否解决"]) == (
        "办理中", "", "", "",
    )  # fmt: skip


def test_row_of_a_merged_order_names_the_main_one(received: Any, cast: Cast, now: datetime):
    main, second = received(2)
    drive(second, ("merge", {"main": main}), cast=cast, now=now)

    rows = tell(now)

    assert (rows[1]["办理状态"], rows[1]["去向"]) == ("已并案", "SJ0")


def test_row_of_a_long_answer_is_cut_and_says_so():
    text = feedback_format.fitting("长" * 40_000)

    assert (len(text), text[-12:]) == (32_000, feedback_format.CUT[-12:])


def test_row_names_no_person(received: Any, cast: Cast, now: datetime):
    answered(received()[0], cast, now)

    cells = "".join(tell(now)[0].values())

    assert [word for word in ("李秀英", "13912345678", "永乐小区") if word in cells] == []


# Each change once ---------------------------------------------------------------------------


def test_hand_back_twice_tells_nothing_twice(received: Any, now: datetime):
    received(2)

    assert len(tell(now)) == 2
    assert hand_back(NEWS, user=None, now=now) is None
    assert FeedbackFile.objects.count() == 1


def test_hand_back_leaves_out_a_step_that_tells_nothing_new(
    received: Any, cast: Cast, now: datetime
):
    [case] = received()
    tell(now)
    drive(case, "attach", cast=cast, now=now)

    assert hand_back(NEWS, user=None, now=now) is None
    assert CityOrder.objects.get().handed_version == Petition.objects.get().version


def test_hand_back_of_everything_tells_again(received: Any, now: datetime):
    received(2)
    tell(now)

    assert len(tell(now, span=Span(everything=True))) == 2


@pytest.mark.parametrize(
    ("since", "until", "rows"),
    [(23, 23, 1), (24, None, 0), (None, 22, 0), (None, 23, 1), (None, None, 1)],
)
def test_hand_back_goes_by_the_day_of_handing_over(
    received: Any, now: datetime, since: int | None, until: int | None, rows: int
):
    received()
    days = [date(2026, 11, day) if day else None for day in (since, until)]

    made = hand_back(Span(*days), user=None, now=now)

    assert (made.rows if made else 0) == rows


def test_hand_back_of_at_most_so_many_leaves_the_rest_for_the_next(
    received: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(feedback, "BATCH", 2)
    received(5)

    counts = [hand_back(NEWS, user=None, now=now, most=3).rows for _file in range(2)]

    assert counts == [3, 2]


def test_hand_back_that_breaks_off_loses_and_repeats_nothing(
    received: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    received(3)
    monkeypatch.setattr(feedback, "BATCH", 2)
    store, calls = feedback._store, iter([True, False])
    with monkeypatch.context() as broken:
        broken.setattr(feedback, "_store", lambda *given: store(*given) if next(calls) else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            hand_back(NEWS, user=None, now=now)

    tell(now)

    files = FeedbackFile.objects.order_by("pk")
    assert [(file.rows, bool(file.finished_at)) for file in files] == [(2, False), (1, True)]
    assert FeedbackLine.objects.values("petition").distinct().count() == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_hand_back_by_two_at_once_tells_each_change_once(received: Any, now: datetime):
    received(40)

    def make(_place: int) -> int:
        try:
            made = hand_back(NEWS, user=None, now=now)
            return made.rows if made else 0
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        counts = list(both.map(make, range(2)))

    assert (sum(counts), FeedbackLine.objects.count()) == (40, 40)


def test_hand_back_asks_the_same_for_few_and_many(received: Any, cast: Cast, now: datetime):
    counts = []
    for many in (2, 8):
        for case in received(many):
            answered(case, cast, now, "serve", "record_return_visit")
        with CaptureQueriesContext(connection) as queries:
            tell(now)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 24


# Who is told --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clerk", "liaison", None])
def test_hand_back_never_tells_of_a_sealed_case(
    received: Any, cast: Cast, now: datetime, name: str | None
):
    received(1, 诉求性质="举报")
    user = cast.people[name] if name else None

    assert hand_back(Span(everything=True), user=user, now=now) is None


def test_rows_of_a_file_leave_out_what_was_sealed_since(received: Any, cast: Cast, now: datetime):
    [case] = received()
    made = hand_back(NEWS, user=None, now=now)
    drive(case, ("classify", {"petition_class": "ACCUSATION"}), cast=cast, now=now)

    assert told(made, now) == []


@pytest.mark.parametrize(("name", "rows"), [("clerk", 1), ("street_clerk", 0), ("auditor", 0)])
def test_hand_back_stays_within_the_sight_of_whoever_makes_it(
    received: Any, cast: Cast, now: datetime, name: str, rows: int
):
    received()

    made = hand_back(NEWS, user=cast.people[name], now=now)

    assert (made.rows if made else 0) == rows


def test_hand_back_leaves_out_old_records(folder: Path, now: datetime):
    take(write_csv(folder / "orders.csv", ORDERS, city_order()), now, Mode.HISTORY)

    assert hand_back(NEWS, user=None, now=now) is None


# The command --------------------------------------------------------------------------------


def test_export_feedback_says_what_it_wrote(
    received: Any, folder: Path, capsys: pytest.CaptureFixture[str]
):
    received(2)
    path = folder / "feedback.csv"

    call_command("export_feedback", str(path))

    made = FeedbackFile.objects.get()
    assert json.loads(capsys.readouterr().out) == {"file": str(path), "id": made.pk, "rows": 2}


def test_export_feedback_without_news_writes_no_file(
    received: Any, folder: Path, capsys: pytest.CaptureFixture[str]
):
    path = folder / "feedback.csv"

    call_command("export_feedback", str(path))

    assert json.loads(capsys.readouterr().out) == {"file": None, "id": None, "rows": 0}
    assert not path.exists()


def test_export_feedback_again_writes_the_same_file(received: Any, folder: Path):
    received(2)
    first, second = folder / "first.csv", folder / "second.csv"
    call_command("export_feedback", str(first))

    call_command("export_feedback", str(second), "--again", str(FeedbackFile.objects.get().pk))

    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("name", ["feedback.txt", "no/such/folder/feedback.csv", "no/f.xlsx"])
def test_export_feedback_to_a_place_that_can_t_be_is_told(received: Any, folder: Path, name: str):
    received()

    with pytest.raises(CommandError, match=r"must end in|--again"):
        call_command("export_feedback", str(folder / name))
