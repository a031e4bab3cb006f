"""The forms that set down what was filed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from petitions.forms import StepForm
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import new_case
from tests.petitions.filling import form, perform

pytestmark = pytest.mark.django_db


def classify(case: Petition, cast: Cast, now: datetime, **other: Any) -> StepForm:
    sent = {
        "petition_class": "APPEAL",
        "path": "6",
        "category": cast.category.code,
        "problem_area": cast.area.code,
        "urgency": "GENERAL",
        "points": "修好路灯\n\n 退还费用 ",
        **other,
    }
    return form("classify", case, cast, now, **sent)


def test_classify_reads_a_point_a_line(cast: Cast, now: datetime) -> None:
    case = perform(classify(new_case(cast, now), cast, now), "classify", "clerk", cast, now)

    assert [point.text for point in case.current_points] == ["修好路灯", "退还费用"]


def test_classify_takes_points_as_list(cast: Cast, now: datetime) -> None:
    filled = classify(new_case(cast, now), cast, now, points=["修好路灯", "退还费用"])

    assert filled.is_valid()
    assert [point.text for point in filled.step_data()["points"]] == ["修好路灯", "退还费用"]


def test_classify_appeal_without_path_says_so(cast: Cast, now: datetime) -> None:
    filled = classify(new_case(cast, now), cast, now, path="")

    assert list(filled.errors) == ["path"]


def test_classify_hotline_appeal_needs_no_path(cast: Cast, now: datetime) -> None:
    assert classify(new_case(cast, now, "hotline"), cast, now, path="").is_valid()


def test_classify_suggestion_drops_path(cast: Cast, now: datetime) -> None:
    filled = classify(new_case(cast, now), cast, now, petition_class="SUGGESTION")

    assert filled.is_valid()
    assert filled.step_data()["path"] == ""


def test_classify_unknown_area_says_so(cast: Cast, now: datetime) -> None:
    filled = classify(new_case(cast, now), cast, now, problem_area="不存在的地方")

    assert list(filled.errors) == ["problem_area"]


def test_classify_without_points_says_so(cast: Cast, now: datetime) -> None:
    assert list(classify(new_case(cast, now), cast, now, points=" \n").errors) == ["points"]


def test_classify_with_too_many_points_says_so(cast: Cast, now: datetime) -> None:
    many = "\n".join(f"诉求{n}" for n in range(21))

    assert list(classify(new_case(cast, now), cast, now, points=many).errors) == ["points"]


def test_amend_keeps_only_what_differs(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)
    filled = form("amend", case, cast, now, reason="笔误", demand=case.demand, head_count="6")

    assert filled.is_valid(), filled.errors
    assert filled.step_data() == {"reason": "笔误", "changes": {"head_count": 6}}


def test_amend_of_nothing_says_so(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)
    shown = form("amend", case, cast, now)
    sent = {field.name: field.value() or "" for field in shown if field.name != "reason"}
    filled = form("amend", case, cast, now, **sent, reason="没有改动")

    assert filled.non_field_errors(), filled.step_data()


def test_amend_received_in_future_says_so(cast: Cast, now: datetime) -> None:
    late = (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    filled = form("amend", new_case(cast, now), cast, now, reason="改", received_at=late)

    assert list(filled.errors) == ["received_at"]


def test_amend_shows_no_accused_name(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now, accused_name="赵某某")

    assert "赵某某" not in str(form("amend", case, cast, now))


def test_amend_first_petition_makes_it_a_repeat(cast: Cast, now: datetime) -> None:
    first, case = new_case(cast, now), new_case(cast, now)
    sent = {"reason": "重复", "first_petition": first.number}

    case = perform(form("amend", case, cast, now, **sent), "amend", "clerk", cast, now)

    assert (case.first_petition_id, case.is_repeat) == (first.pk, True)


def test_amend_unseen_first_petition_says_so(cast: Cast, now: datetime) -> None:
    sealed = new_case(cast, now, "accusation", by="liaison")
    sent = {"reason": "重复", "first_petition": sealed.number}

    assert list(form("amend", new_case(cast, now), cast, now, **sent).errors) == ["first_petition"]
