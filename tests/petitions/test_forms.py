"""The forms of the steps: what they take, and the sentence at the field they refuse."""

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from petitions.forms import FORMS, StepForm
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import new_case, reach
from tests.petitions.filling import form, perform
from workflow.errors import InvalidData
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n%%EOF\n"


# All of them ----------------------------------------------------------------------------------


def test_forms_cover_every_step_with_input() -> None:
    assert set(FORMS) == {name for name, step in STEPS.items() if step.takes_input}


@pytest.mark.parametrize("name", FORMS)
def test_form_shown_first_offers_fields(name: str, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    shown = form(name, case, cast, now, by="handler")

    assert all(field.label for field in shown)
    assert "<form" not in str(shown)


@pytest.mark.parametrize("name", FORMS)
def test_form_sent_empty_refuses_or_passes_plain_data(name: str, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    sent = form(name, case, cast, now, by="handler", seen="1")

    if sent.is_valid():
        assert set(sent.step_data()) <= set(STEPS[name].params)
    else:
        assert all(sent.errors.values())


def test_refuse_puts_sentence_at_field(cast: Cast, now: datetime) -> None:
    filled = form("extend", new_case(cast, now), cast, now, days="5", reason="检测")
    filled.is_valid()

    filled.refuse(InvalidData("days", "太长"))

    assert filled.errors["days"] == ["太长"]


def test_refuse_without_field_puts_sentence_above(cast: Cast, now: datetime) -> None:
    filled = form("extend", new_case(cast, now), cast, now, days="5", reason="检测")
    filled.is_valid()

    filled.refuse(InvalidData("unit", "被反映单位"))

    assert filled.non_field_errors() == ["被反映单位"]


# Elsewhere ------------------------------------------------------------------------------------


def test_decline_names_articles(cast: Cast, now: datetime) -> None:
    shown = form("decline", new_case(cast, now), cast, now)

    assert "第三十六条" in str(shown["reason_code"])


def test_merge_finds_main_case(cast: Cast, now: datetime) -> None:
    main, case = new_case(cast, now), new_case(cast, now)
    filled = form("merge", case, cast, now, by="dispatcher", main=main.number, reason="同一事项")

    assert perform(filled, "merge", "dispatcher", cast, now).merged_into == main


def test_merge_into_mistyped_number_says_so(cast: Cast, now: datetime) -> None:
    filled = form("merge", new_case(cast, now), cast, now, main="2026-000001-0", reason="同一事项")

    assert list(filled.errors) == ["main"]


def test_merge_into_unseen_case_says_so(cast: Cast, now: datetime) -> None:
    sealed = new_case(cast, now, "accusation", by="liaison")
    filled = form("merge", new_case(cast, now), cast, now, main=sealed.number, reason="同一事项")

    assert list(filled.errors) == ["main"]


# Handling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", ["0", "31", "", "三十"])
def test_extend_by_impossible_days_says_so(days: str, cast: Cast, now: datetime) -> None:
    filled = form("extend", new_case(cast, now), cast, now, days=days, reason="检测")

    assert list(filled.errors) == ["days"]


def opinion(case: Petition, cast: Cast, now: datetime, **other: Any) -> StepForm:
    sent = {"result": "SUPPORTED", "facts": "属实", "basis": "供热办法", **other}
    return form("submit_opinion", case, cast, now, by="handler", **sent)


def test_opinion_takes_an_answer_a_point(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    given = {f"answer_{point.pk}": f"答{point.position}" for point in case.current_points}

    perform(opinion(case, cast, now, **given), "submit_opinion", "handler", cast, now)

    assert [answer.text for answer in case.answers.all()] == ["答1", "答2"]


def test_opinion_takes_answers_of_a_program(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    given = {f"answers-{point.pk}": "已修好" for point in case.current_points}

    assert opinion(case, cast, now, **given).is_valid()


def test_opinion_with_unanswered_point_says_so(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    first, second = case.current_points

    filled = opinion(case, cast, now, **{f"answer_{first.pk}": "已修好"})

    assert list(filled.errors) == [f"answer_{second.pk}"]


def test_opinion_sent_back_begins_with_what_was_written(cast: Cast, now: datetime) -> None:
    case = reach(State.APPROVAL, cast, now, "send_back")

    shown = form("submit_opinion", case, cast, now, by="handler")

    assert shown["facts"].value() == "事实文字"
    assert shown[f"answer_{case.current_points[0].pk}"].value() == "答复文字"


def test_serve_with_ground_though_served_says_so(cast: Cast, now: datetime) -> None:
    case = reach(State.ANSWERED, cast, now)
    served = {"way": "IN_PERSON", "served_at": "2026-11-23T08:30", "ground": "NAME_UNCLEAR"}

    assert list(form("serve", case, cast, now, **served).errors) == ["ground"]


def test_serve_reads_moment_in_office_zone(cast: Cast, now: datetime) -> None:
    case = reach(State.ANSWERED, cast, now)
    filled = form("serve", case, cast, now, way="IN_PERSON", served_at="2026-11-23T09:00")

    assert filled.is_valid()
    assert filled.step_data()["served_at"] == now


# Files ----------------------------------------------------------------------------------------


def test_attach_takes_several_files(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)
    files = [SimpleUploadedFile("甲.pdf", PDF), SimpleUploadedFile("乙.pdf", PDF)]
    filled = form("attach", case, cast, now, files=files)

    case = perform(filled, "attach", "clerk", cast, now)

    assert [file.name for file in case.attachments.all()] == ["甲.pdf", "乙.pdf"]
    assert case.evidence_count == 2


def test_attach_file_that_is_not_what_it_says_names_it(cast: Cast, now: datetime) -> None:
    files = [SimpleUploadedFile("甲.pdf", PDF), SimpleUploadedFile("照片.jpg", PDF)]

    filled = form("attach", new_case(cast, now), cast, now, files=files)

    [sentence] = filled.errors["files"]
    assert sentence.startswith("照片.jpg: ")


def test_attach_nothing_says_so(cast: Cast, now: datetime) -> None:
    filled = form("attach", new_case(cast, now), cast, now, files=[], remark="没有文件")

    assert list(filled.errors) == ["files"]


# Asking ---------------------------------------------------------------------------------------


def visit(cast: Cast, now: datetime, **sent: Any) -> StepForm:
    case = reach(State.FOLLOW_UP, cast, now)
    return form("record_return_visit", case, cast, now, by="caller", **sent)


def test_return_visit_stores_attempt(cast: Cast, now: datetime) -> None:
    filled = visit(
        cast, now, reached="yes", contacted="yes", resolved="YES", satisfaction="SATISFIED"
    )

    case = perform(filled, "record_return_visit", "caller", cast, now)

    [attempt] = case.return_visits.all()
    assert (attempt.reached, attempt.contacted, attempt.caller) == (True, True, cast.caller)


def test_return_visit_reached_without_answers_says_so(cast: Cast, now: datetime) -> None:
    assert set(visit(cast, now, reached="true").errors) == {"resolved", "satisfaction"}


def test_return_visit_not_reached_plans_another_day(cast: Cast, now: datetime) -> None:
    assert list(visit(cast, now, reached="no", next_at="2026-11-23T18:00").errors) == ["next_at"]


def test_return_visit_not_reached_forgets_answers(cast: Cast, now: datetime) -> None:
    filled = visit(cast, now, reached="no", next_at="2026-11-24T18:00", satisfaction="SATISFIED")

    assert filled.is_valid()
    assert filled.step_data()["satisfaction"] == ""


def test_review_cannot_be_served_impossibly(cast: Cast, now: datetime) -> None:
    case = reach(State.REVIEW, cast, now)
    sent = {"opinion": "维持", "way": "IMPOSSIBLE", "served_at": "2026-11-23T09:00"}

    filled = form("review_upheld", case, cast, now, by="reviewer", **sent)

    assert list(filled.errors) == ["way"]
