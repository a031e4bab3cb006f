"""One answer for many cases: looked at, confirmed, done case by case, and never twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from agents.models import Stamp
from petitions import group_acts
from petitions.group_acts import Doer
from petitions.models import Attachment, GroupAct, Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import AbsenceFactory
from tests.petitions.groups import (
    cases_of,
    confirm,
    dispatched_group,
    draft,
    enter,
    group_in_handling,
    outcomes,
    put_together,
    reply,
)
from tests.workflow.racing import at_once
from workflow import engine
from workflow.actors import Actor
from workflow.models import Answer, Document, Event
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(client: Client, cast: Cast) -> Client:
    client.force_login(cast.handler)
    return client


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name])
    return client


# Looking first ------------------------------------------------------------------------------


def test_draft_does_nothing_to_any_case(handler: Client, cast: Cast, now: datetime) -> None:
    group = group_in_handling(cast, now)

    act = draft(handler, group, "reply", **reply())

    assert outcomes(act) == ["WAITING"] * 3
    assert {case.state for case in cases_of(group)} == {State.HANDLING}


def test_draft_shows_the_exact_count_and_the_first_with_its_name_masked(
    handler: Client, cast: Cast, now: datetime
) -> None:
    act = draft(handler, group_in_handling(cast, now), "reply", **reply())

    response = handler.get(act.get_absolute_url())

    assert response.context["numbers"]["WAITING"] == 3
    shown = response.content.decode()
    assert "王*国：供暖已于11月20日恢复。" in shown
    assert "王建国" not in shown


def test_case_in_another_state_is_not_touched_and_says_why(
    handler: Client, cast: Cast, now: datetime
) -> None:
    group = group_in_handling(cast, now, 2)
    late = drive(new_case(cast, now, "suggestion"), "dispatch", cast=cast, now=now)
    drive(late, ("join_group", {"group": group}), cast=cast, now=now)

    act = draft(handler, group, "reply", **reply())

    row = act.rows.get(case=late.pk)
    assert (row.outcome, bool(row.reason)) == ("UNTOUCHED", True)
    confirm(handler, act)
    assert outcomes(act) == ["DONE", "DONE", "UNTOUCHED"]
    assert Petition.objects.get(pk=late.pk).state == State.DISPATCHED


def test_draft_says_what_the_machine_would_refuse(
    handler: Client, cast: Cast, now: datetime
) -> None:
    sent = reply()
    del sent["files"]

    act = draft(handler, group_in_handling(cast, now, 2), "reply", **sent)

    assert outcomes(act) == ["UNTOUCHED", "UNTOUCHED"]


def test_unknown_field_is_refused_and_the_text_kept(
    handler: Client, cast: Cast, now: datetime
) -> None:
    answer = enter(
        handler, group_in_handling(cast, now, 2), "reply", **reply(common="【姓明】您好")
    )

    assert answer.status_code == 400
    assert "common" in answer.context["form"].errors
    assert "【姓明】您好" in answer.content.decode()
    assert not GroupAct.objects.exists()


def test_draft_entered_anew_keeps_its_file(handler: Client, cast: Cast, now: datetime) -> None:
    group = group_in_handling(cast, now, 2)
    first = draft(handler, group, "reply", **reply())
    sent = reply(common="另一种答复")
    del sent["files"]

    address = reverse("group_enter", args=[group.pk, "reply"])
    assert "供暖已于11月20日恢复" in handler.get(f"{address}?from={first.pk}").content.decode()
    handler.post(f"{address}?from={first.pk}", sent)

    act = GroupAct.objects.get()
    assert (act.entered["common"], act.files.count()) == ("另一种答复", 1)


def test_cleared_row_is_left_out_and_the_new_number_confirmed_again(
    handler: Client, cast: Cast, now: datetime
) -> None:
    group = group_in_handling(cast, now)
    act, first = draft(handler, group, "reply", **reply()), cases_of(group)[0]

    confirm(handler, act, without=[first])
    assert (outcomes(act), act.rows.filter(outcome="DONE").count()) == (
        ["LEFT", "WAITING", "WAITING"],
        0,
    )
    confirm(handler, act)

    assert outcomes(act) == ["LEFT", "DONE", "DONE"]


# Doing it -----------------------------------------------------------------------------------


def test_reply_gives_each_petitioner_a_paper_and_a_message_of_their_own(
    handler: Client, cast: Cast, now: datetime
) -> None:
    group = group_in_handling(cast, now)

    act = draft(handler, group, "reply", **reply())
    confirm(handler, act)

    papers = Document.objects.filter(kind="reply").order_by("serial")
    assert [paper.serial for paper in papers] == [1, 2, 3]
    for case, paper, row in zip(cases_of(group), papers, act.rows.order_by("pk"), strict=True):
        assert case.number in paper.text
        assert "王建国：供暖已于11月20日恢复。" in paper.text
        assert row.message == f"王建国，您的事项（{case.number}）已答复。"
    assert Attachment.objects.filter(petition__same_cause=group.pk).count() == 3
    act.refresh_from_db()
    assert act.stage == "DONE"


def test_failing_37th_row_leaves_the_others_standing_and_can_be_tried_again(
    handler: Client, cast: Cast, now: datetime
) -> None:
    group = dispatched_group(cast, now, 40)
    act = draft(handler, group, "sign")
    one = cases_of(group)[36]
    drive(one, "recall", cast=cast, now=now)

    confirm(handler, act)

    assert outcomes(act) == ["DONE"] * 36 + ["REFUSED"] + ["DONE"] * 3
    assert act.rows.get(case=one.pk).reason
    drive(one, "dispatch", cast=cast, now=now)
    handler.post(reverse("group_again", args=[act.pk]))
    assert outcomes(act) == ["DONE"] * 40
    signed = Event.objects.filter(name="sign", case__same_cause=group.pk)
    assert signed.count() == 40


def test_database_error_in_one_row_refuses_that_row_alone(
    handler: Client, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = dispatched_group(cast, now, 3)
    act, broken = draft(handler, group, "sign"), cases_of(group)[1].pk
    perform = engine.perform

    def failing(pk: int, *args: Any, **facts: Any) -> Any:
        done = perform(pk, *args, **facts)
        if pk == broken:
            raise IntegrityError
        return done

    monkeypatch.setattr(engine, "perform", failing)
    confirm(handler, act)

    assert outcomes(act) == ["DONE", "REFUSED", "DONE"]
    assert Petition.objects.get(pk=broken).state == State.DISPATCHED


def test_confirming_twice_does_nothing_twice(handler: Client, cast: Cast, now: datetime) -> None:
    act = draft(handler, group_in_handling(cast, now, 2), "reply", **reply())
    confirm(handler, act)

    assert confirm(handler, act).status_code == 409
    handler.post(reverse("group_again", args=[act.pk]))

    assert Document.objects.filter(kind="reply").count() == 2


def test_second_of_two_answers_is_refused_row_by_row(cast: Cast, now: datetime) -> None:
    group = group_in_handling(cast, now, 2)
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)
    one, other = as_(cast, "handler"), as_(cast, "stand_in")
    first = draft(one, group, "reply", **reply())
    second = draft(other, group, "reply", **reply(common="另一个答复"))

    confirm(one, first)
    confirm(other, second)

    assert (outcomes(first), outcomes(second)) == (["DONE"] * 2, ["REFUSED"] * 2)
    assert all(row.reason for row in second.rows.all())
    assert Document.objects.filter(kind="reply").count() == 2


def test_case_that_left_the_group_meanwhile_is_not_answered(
    handler: Client, cast: Cast, now: datetime
) -> None:
    group = group_in_handling(cast, now, 2)
    act, gone = draft(handler, group, "reply", **reply()), cases_of(group)[0]
    drive(gone, "leave_group", cast=cast, now=now)

    confirm(handler, act)
    handler.post(reverse("group_again", args=[act.pk]))

    assert outcomes(act) == ["REFUSED", "DONE"]


def test_many_rows_are_left_to_the_worker(
    handler: Client, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_acts, "INLINE", 1)
    act = draft(handler, dispatched_group(cast, now, 3), "sign")
    confirm(handler, act)
    assert outcomes(act) == ["WAITING"] * 3
    page = handler.get(act.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<progress" in page.content.decode()

    assert group_acts.carry_on(now)

    assert outcomes(act) == ["DONE"] * 3
    assert not group_acts.carry_on(now)


def test_row_that_breaks_its_worker_is_given_up_at_last(
    handler: Client, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_acts, "INLINE", 0)
    act = draft(handler, dispatched_group(cast, now, 2), "sign")
    confirm(handler, act)
    act.rows.filter(pk=act.rows.first().pk).update(attempts=group_acts.MOST_ATTEMPTS)  # type: ignore[union-attr]

    group_acts.carry_on(now)

    assert sorted(outcomes(act)) == ["DONE", "REFUSED"]


def test_case_can_have_other_answers(handler: Client, cast: Cast, now: datetime) -> None:
    group = group_in_handling(cast, now, 2)
    act, one = draft(handler, group, "reply", **reply()), cases_of(group)[0]
    points = list(one.current_points)
    sent = {f"answer_{point.pk}": f"单独答复{point.position}" for point in points}

    handler.post(
        reverse("group_apart", args=[act.pk, one.number]), {**sent, "result": "NOT_SUPPORTED"}
    )
    confirm(handler, act)

    told = list(Answer.objects.filter(case=one).order_by("pk").values_list("text", flat=True))
    assert told == ["单独答复1", "单独答复2"]
    assert [case.result for case in cases_of(group)] == ["NOT_SUPPORTED", "SUPPORTED"]


def test_head_approves_the_opinions_together_and_the_drafter_can_t(
    cast: Cast, now: datetime
) -> None:
    cases = [reach(State.HANDLING, cast, now) for _place in range(2)]
    group = put_together(cases, cast, now)
    handler, head = as_(cast, "handler"), as_(cast, "head")
    sent = {**reply(), "facts": "换热站故障。", "basis": "《北京市供热管理办法》"}
    confirm(handler, draft(handler, group, "submit_opinion", **sent))

    act = draft(head, group, "approve_opinion", remark="同意")
    page = head.get(act.get_absolute_url())
    assert "换热站故障。" in page.content.decode()
    confirm(head, act)

    assert Document.objects.filter(kind="opinion").count() == 2
    assert enter(handler, group, "approve_opinion").status_code == 302
    assert outcomes(GroupAct.objects.latest("pk")) == ["UNTOUCHED"] * 2


def test_opinion_of_its_own_is_told_to_the_head(cast: Cast, now: datetime) -> None:
    cases = [reach(State.HANDLING, cast, now) for _place in range(2)]
    group = put_together(cases, cast, now)
    handler, head = as_(cast, "handler"), as_(cast, "head")
    sent = {**reply(), "facts": "换热站故障。", "basis": "《北京市供热管理办法》"}
    act = draft(handler, group, "submit_opinion", **sent)
    confirm(handler, act, without=[cases[0]])
    confirm(handler, act)
    drive(cases[0], "submit_opinion", cast=cast, now=now)

    page = head.get(draft(head, group, "approve_opinion").get_absolute_url())

    tags = {one.row.case_id: one.tag for one in page.context["rows"]}
    assert tags[cases[0].pk] != tags[cases[1].pk]


# Who, and what is handed out ----------------------------------------------------------------


def test_only_who_entered_it_lets_it_go(handler: Client, cast: Cast, now: datetime) -> None:
    act = draft(handler, group_in_handling(cast, now, 2), "reply", **reply())

    for name in ("group_start", "group_again", "group_discard"):
        assert as_(cast, "dispatcher").post(reverse(name, args=[act.pk])).status_code == 403
    assert as_(cast, "stranger").get(act.get_absolute_url()).status_code == 404


def test_empty_group_can_t_be_answered_and_nothing_typed_is_lost(cast: Cast, now: datetime) -> None:
    group = group_in_handling(cast, now, 1)
    drive(cases_of(group)[0], "leave_group", cast=cast, now=now)
    dispatcher = as_(cast, "dispatcher")

    answer = enter(dispatcher, group, "reply", **reply(common="已经写好的长答复"))

    assert answer.status_code == 400
    assert "已经写好的长答复" in answer.content.decode()
    assert dispatcher.get(reverse("group_enter", args=[group.pk, "reply"])).status_code == 409
    assert dispatcher.get(reverse("group", args=[group.pk])).status_code == 200


def test_group_over_the_cap_can_t_be_answered(
    handler: Client, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = group_in_handling(cast, now, 3)
    monkeypatch.setattr(group_acts, "MOST_MEMBERS", 2)

    assert enter(handler, group, "reply", **reply()).status_code == 400
    assert not GroupAct.objects.exists()


def test_all_papers_and_messages_print_as_one_page(
    handler: Client, cast: Cast, now: datetime
) -> None:
    group = group_in_handling(cast, now, 2)
    act = draft(handler, group, "reply", **reply())
    confirm(handler, act)

    papers = handler.get(reverse("group_papers", args=[group.pk])).content.decode()
    told = handler.get(reverse("group_messages", args=[act.pk])).content.decode()

    for case in cases_of(group):
        assert case.number in papers
        assert f"您的事项（{case.number}）已答复" in told
    assert papers.count('<article class="paper"') == 2


def test_act_page_costs_the_same_for_two_cases_as_for_eight(
    handler: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    asked = set()
    for count in (2, 8):
        act = draft(handler, dispatched_group(cast, now, count), "sign")
        with django_assert_max_num_queries(10) as queries:
            handler.get(act.get_absolute_url())
        asked.add(len(queries))

    assert len(asked) == 1


# Two at once ----------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_carry_an_act_on_do_each_row_once(cast: Cast, now: datetime) -> None:
    group = dispatched_group(cast, now, 6)
    actor = cast.actor("handler", now)
    act = group_acts.draft(group, "sign", {}, [], doer(cast, actor, now))
    GroupAct.objects.filter(pk=act.pk).update(stage="RUNNING")

    at_once(lambda: group_acts.carry_on(now), lambda: group_acts.carry_on(now))
    group_acts.carry_on(now)

    assert outcomes(act) == ["DONE"] * 6
    assert Event.objects.filter(name="sign", case__same_cause=group.pk).count() == 6


def doer(cast: Cast, actor: Actor, now: datetime) -> Doer:
    cases = Petition.objects.visible_to(cast.handler, now)
    return Doer(actor, now, cases, Stamp.versions(), "zh-hans")
