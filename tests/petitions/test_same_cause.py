"""Same-cause groups: who makes one of which cases, who sees it, and what it costs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from petitions.models import Petition
from petitions.similar import hidden, similar_closed, similar_open
from petitions.views import same_cause
from tests.cast import Cast
from tests.driving import drive, new_case, old_record, reach
from tests.factories import AreaFactory, CategoryFactory, SameCauseGroupFactory, make_street
from tests.petitions.groups import cases_of, group_in_handling, put_together
from workflow import engine
from workflow.errors import Blocked
from workflow.models import Event, SameCauseGroup
from workflow.steps import State

pytestmark = pytest.mark.django_db

COLD = "八号楼从十一月十五日起一直没有暖气，室温只有十二度，请尽快供暖。"


@pytest.fixture
def mark(client: Client, cast: Cast) -> Any:
    """Mark cases as somebody; with a name the group is made of them."""

    def post(*cases: Petition, by: str = "dispatcher", **sent: Any) -> Any:
        client.force_login(cast.people[by])
        sent = {"case": [case.number for case in cases], **sent}
        if "name" in sent:
            sent["sure"] = "1"
        return client.post(reverse("group_new"), sent)

    return post


# Making one ---------------------------------------------------------------------------------


def test_marked_cases_are_counted_before_anything_is_made(
    mark: Any, cast: Cast, now: datetime
) -> None:
    response = mark(new_case(cast, now), new_case(cast, now))

    assert (response.status_code, response.context["fit"]) == (200, 2)
    assert not SameCauseGroup.objects.exists()


def test_confirmed_cases_are_a_group_and_each_keeps_its_own_file(
    mark: Any, cast: Cast, now: datetime
) -> None:
    cases = [new_case(cast, now), new_case(cast, now)]

    response = mark(*cases, name="八号楼停暖")

    group = SameCauseGroup.objects.get()
    assert response["Location"] == reverse("group", args=[group.pk])
    assert [case.pk for case in cases_of(group)] == [case.pk for case in cases]
    assert Event.objects.filter(name="join_group", data={"group": group.pk}).count() == 2
    assert {case.state for case in cases_of(group)} == {State.REGISTERED}


def test_group_without_a_name_is_refused_and_the_marks_are_kept(
    mark: Any, cast: Cast, now: datetime
) -> None:
    case, other = new_case(cast, now), new_case(cast, now)

    response = mark(case, other, name="")

    assert (response.status_code, SameCauseGroup.objects.count()) == (400, 0)
    assert response.content.decode().count('name="case"') == 2


def test_group_of_one_case_or_of_none_is_refused(mark: Any, cast: Cast, now: datetime) -> None:
    assert mark(new_case(cast, now), name="只有一件").status_code == 400
    assert mark(name="一件也没有").status_code == 400
    assert not SameCauseGroup.objects.exists()


def test_case_in_a_group_already_comes_into_no_other(mark: Any, cast: Cast, now: datetime) -> None:
    taken, *free = (new_case(cast, now) for _place in range(3))
    put_together([taken], cast, now)

    response = mark(taken, *free)

    assert response.context["fit"] == 2
    assert [bool(one.reason) for one in response.context["candidates"]].count(True) == 1
    with pytest.raises(Blocked):
        drive(taken, "join_group", cast=cast, now=now)


def test_case_out_of_sight_is_not_there(mark: Any, cast: Cast, now: datetime) -> None:
    drive(mine := new_case(cast, now), "dispatch", cast=cast, now=now)

    response = mark(mine, new_case(cast, now), by="handler")

    assert [one.case.pk for one in response.context["candidates"]] == [mine.pk]
    assert response.context["gone"] == 1


def test_sealed_case_is_not_there_and_one_that_becomes_sealed_leaves(
    mark: Any, cast: Cast, now: datetime
) -> None:
    sealed = new_case(cast, now, "accusation", by="liaison")
    case = new_case(cast, now)
    group = put_together([case, new_case(cast, now)], cast, now)

    assert mark(sealed).context["gone"] == 1
    drive(case, ("classify", {"petition_class": "ACCUSATION", "path": ""}), cast=cast, now=now)

    assert case.pk not in [one.pk for one in cases_of(group)]


def test_more_than_a_group_holds_is_refused(
    mark: Any, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same_cause, "MOST_MEMBERS", 2)

    response = mark(*(new_case(cast, now) for _place in range(3)), name="太多")

    assert (response.status_code, SameCauseGroup.objects.count()) == (400, 0)


def test_others_make_no_groups(mark: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)

    for by in ("clerk", "liaison", "sysadmin", "leader"):
        assert mark(case, by=by).status_code == 403


def test_list_to_choose_from_shows_open_cases_of_no_group(
    client: Client, cast: Cast, now: datetime
) -> None:
    free, _taken = new_case(cast, now), put_together([new_case(cast, now)], cast, now)
    client.force_login(cast.dispatcher)

    response = client.get(reverse("group_new"), {"category": cast.category.pk})

    assert [case.pk for case in response.context["page"].rows] == [free.pk]


def test_cases_are_added_to_a_group(client: Client, cast: Cast, now: datetime) -> None:
    group, other = put_together([new_case(cast, now)], cast, now), new_case(cast, now)
    client.force_login(cast.dispatcher)

    address = reverse("group_add", args=[group.pk])
    client.post(address, {"case": [other.number], "sure": "1"})

    assert other.pk in [case.pk for case in cases_of(group)]


# Seeing it ----------------------------------------------------------------------------------


def test_group_shows_each_the_cases_they_see(client: Client, cast: Cast, now: datetime) -> None:
    mine = drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    group = put_together([mine, new_case(cast, now)], cast, now)

    def seen(by: str) -> Any:
        client.force_login(cast.people[by])
        return client.get(reverse("group", args=[group.pk]))

    assert len(seen("dispatcher").context["members"]) == 2
    assert [case.pk for case, _line in seen("handler").context["members"]] == [mine.pk]
    assert seen("stranger").status_code == 404
    client.force_login(cast.handler)
    assert client.get(reverse("groups")).context["groups"][0].cases == 1


def test_case_page_leads_to_its_group(client: Client, cast: Cast, now: datetime) -> None:
    group = put_together([new_case(cast, now)], cast, now)
    client.force_login(cast.dispatcher)

    shown = client.get(cases_of(group)[0].get_absolute_url()).content.decode()

    assert reverse("group", args=[group.pk]) in shown


def test_group_page_says_what_can_be_done_with_how_many(
    client: Client, cast: Cast, now: datetime
) -> None:
    group = group_in_handling(cast, now, 2)
    client.force_login(cast.handler)

    context = client.get(reverse("group", args=[group.pk])).context

    assert {name: n for name, _label, n in context["acts"]} == {"log_contact": 2, "reply": 2}
    assert all(why for _label, why in context["others"])


def test_group_pages_cost_the_same_for_two_cases_as_for_eight(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.dispatcher)
    asked = set()
    for count in (2, 8):
        group = put_together([new_case(cast, now) for _place in range(count)], cast, now)
        for address in (reverse("group", args=[group.pk]), reverse("groups")):
            with django_assert_max_num_queries(10) as queries:
                assert client.get(address).status_code == 200
            asked.add((address.count("/"), len(queries)))

    assert len(asked) == 2


def test_join_over_the_page_of_a_case_offers_the_groups_one_sees(
    client: Client, cast: Cast, now: datetime
) -> None:
    case, mine = new_case(cast, now), SameCauseGroupFactory(created_by=cast.dispatcher)
    client.force_login(cast.dispatcher)
    address = reverse("step", args=[case.number, "join_group"])
    assert mine.name in client.get(address).content.decode()

    client.post(address, {"group": mine.pk, "seen": case.version})

    assert cases_of(mine) == [case]


# Similar ones -------------------------------------------------------------------------------


def test_similar_cases_lie_near_or_read_alike(cast: Cast, now: datetime) -> None:
    street = make_street()
    here, near = AreaFactory(parent=street), AreaFactory(parent=street)
    case = new_case(cast, now, demand=COLD, problem_area=here)
    neighbour = new_case(cast, now, demand="暖气不热", problem_area=near)
    alike = new_case(cast, now, demand=COLD.replace("八", "九"))
    new_case(cast, now, demand="路灯坏了")
    new_case(cast, now, demand=COLD, category=CategoryFactory())

    found = similar_open(case, seen_by(cast, now), case_directory(case, cast, now))

    assert [(one.case.pk, one.place) for one in found] == [(alike.pk, ""), (neighbour.pk, "near")]


def test_similar_cases_are_never_sealed_or_out_of_sight(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = drive(new_case(cast, now, demand=COLD), "dispatch", cast=cast, now=now)
    new_case(cast, now, "accusation", by="liaison", demand=COLD)
    other = new_case(cast, now, demand=COLD)

    def found(by: str) -> list[int]:
        client.force_login(cast.people[by])
        response = client.get(reverse("similar", args=[case.number]))
        return [one.case.pk for one, _line in response.context["found"]]

    assert found("dispatcher") == [other.pk]
    assert found("handler") == []


def test_closed_cases_show_their_answers_without_names(cast: Cast, now: datetime) -> None:
    closed = reach(State.CLOSED, cast, now)
    old_record(cast, now)
    case = new_case(cast, now)

    [found] = similar_closed(case, seen_by(cast, now))

    assert (found.case.pk, found.alike) == (closed.pk, 100)
    assert found.answers == ["答复文字", "答复文字"]
    assert hidden("王建国电话13812345678，已修好。", ["王建国"]) == "王*国电话138****5678，已修好。"


def seen_by(cast: Cast, now: datetime) -> Any:
    return Petition.objects.visible_to(cast.dispatcher, now)


def case_directory(case: Petition, cast: Cast, now: datetime) -> Any:
    engine.attach([case], cast.actor("dispatcher", now), now)
    return case.context.directory
