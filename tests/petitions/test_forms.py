"""The forms of the steps: what they take, and the sentence at the field they refuse."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict

from petitions.forms import FORMS, StepForm, form_for
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import AbsenceFactory, ChargeFactory, make_street
from workflow import engine
from workflow.errors import InvalidData
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n%%EOF\n"


def form(
    name: str, case: Petition, cast: Cast, now: datetime, by: str = "clerk", **sent: Any
) -> StepForm:
    """The form as a page sends it; without data as it is shown first."""
    files = {"files": sent.pop("files")} if "files" in sent else None
    data = QueryDict(mutable=True)
    for key, value in sent.items():
        data.setlist(key, value if isinstance(value, list) else [value])
    kind = form_for(name)
    assert kind is not None
    given = (data, files) if sent or files else ()
    return kind(*given, case=case, actor=cast.actor(by, now), now=now)


def perform(filled: StepForm, name: str, by: str, cast: Cast, now: datetime) -> Petition:
    assert filled.is_valid(), filled.errors
    actor = cast.actor(by, now)
    return engine.perform(filled.case.pk, name, actor=actor, now=now, **filled.step_data())


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


# Filing ---------------------------------------------------------------------------------------


def classify(case: Petition, cast: Cast, now: datetime, **other: Any) -> StepForm:
    sent = {
        "petition_class": "APPEAL",
        "path": "6",
        "category": cast.category.code,
        "problem_area": make_street().code,
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


# Dispatch -------------------------------------------------------------------------------------


@pytest.fixture
def charged(cast: Cast) -> Cast:
    """The handler is in charge of everything."""
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    return cast


def test_dispatch_follows_proposal(charged: Cast, now: datetime) -> None:
    case = new_case(charged, now)
    [best, *_others] = form("dispatch", case, charged, now).proposals  # type: ignore[attr-defined]
    filled = form("dispatch", case, charged, now, proposal=best.value, way="TRANSFER")

    case = perform(filled, "dispatch", "clerk", charged, now)

    assert (case.handler, case.agent) == (charged.handler, charged.handler)
    assert filled.step_data()["charge"] is not None


def test_dispatch_names_proposed_cadre_without_reason(charged: Cast, now: datetime) -> None:
    filled = form(
        "dispatch", new_case(charged, now), charged, now, handler=charged.handler.pk, way="TRANSFER"
    )

    assert filled.is_valid(), filled.errors


def test_dispatch_to_somebody_else_needs_reason(charged: Cast, now: datetime) -> None:
    other = {"handler": charged.stranger.pk, "way": "TRANSFER"}

    filled = form("dispatch", new_case(charged, now), charged, now, **other)

    assert list(filled.errors) == ["reason"]


def test_dispatch_to_somebody_else_takes_their_unit(charged: Cast, now: datetime) -> None:
    other = {"handler": charged.stranger.pk, "way": "TRANSFER", "reason": "牵头单位"}

    case = new_case(charged, now)
    case = perform(form("dispatch", case, charged, now, **other), "dispatch", "clerk", charged, now)

    assert case.unit == charged.unit["department"]


def test_dispatch_to_nobody_says_so(charged: Cast, now: datetime) -> None:
    filled = form("dispatch", new_case(charged, now), charged, now, way="TRANSFER", proposal="")

    assert list(filled.errors) == ["handler"]


def test_dispatch_to_proposal_and_another_says_so(charged: Cast, now: datetime) -> None:
    case = new_case(charged, now)
    [best, *_others] = form("dispatch", case, charged, now).proposals  # type: ignore[attr-defined]
    both = {"proposal": best.value, "handler": charged.stranger.pk, "way": "TRANSFER"}

    assert list(form("dispatch", case, charged, now, **both).errors) == ["handler"]


def test_dispatch_offers_neither_absent_nor_accused(cast: Cast, now: datetime) -> None:
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)

    shown = str(form("dispatch", new_case(cast, now), cast, now)["handler"])

    assert cast.stand_in.name in shown
    assert f">{cast.handler.name} " not in shown
    assert cast.accused.name not in shown


def test_dispatch_asks_as_often_with_many_charges(
    cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for name in ("handler", "agent", "stranger", "head", "stand_in"):
        ChargeFactory(unit=cast.people[name].unit, cadre=cast.people[name])
    case = new_case(cast, now)

    with django_assert_max_num_queries(14):
        assert len(form("dispatch", case, cast, now).proposals) == 5  # type: ignore[attr-defined]


def test_dispatch_after_upheld_objection_proposes_another(charged: Cast, now: datetime) -> None:
    case = drive(
        new_case(charged, now), "dispatch", "object", "uphold_objection", cast=charged, now=now
    )

    shown = form("dispatch", case, charged, now)

    units = {one.unit for one in shown.proposals}  # type: ignore[attr-defined]
    assert charged.unit["community"].name not in units


def test_reassign_offers_own_unit_only(cast: Cast, now: datetime) -> None:
    shown = str(form("reassign", reach(State.HANDLING, cast, now), cast, now, by="head")["handler"])

    assert cast.stand_in.name in shown
    assert cast.stranger.name not in shown


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
