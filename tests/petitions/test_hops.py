"""The pages of the hop ledger, of precedents, and the flow between units."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.directory import Directory
from petitions.flow import Flow, Move, draw
from petitions.models import Petition
from petitions.proposals import candidates
from tests.cast import Cast
from tests.driving import drive, new_case
from tests.factories import ChargeFactory
from tests.passing import department, object_to, pass_on, receive, rule
from workflow import precedents
from workflow.models import Precedent

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def signed_in(cast: Cast, who: str) -> Client:
    client = Client()
    client.cookies["xinfang_language"] = "en"
    client.force_login(cast.people[who])
    return client


def passed(cast: Cast, now: datetime) -> Petition:
    """From 城管委 to 住建委 and on to the community: two hops."""
    case = pass_on(new_case(cast, now), department(cast, "城管委"), cast, now)
    case = pass_on(case, department(cast, "住建委"), cast, now)
    return drive(case, "dispatch", cast=cast, now=now)


# The ledger -----------------------------------------------------------------------------------


def test_ledger_page_shows_reason_proof_and_ruler(cast: Cast, now: datetime):
    case = passed(cast, now)

    page = signed_in(cast, "clerk").get(reverse("hops", args=[case.number])).content.decode()

    for words in (
        "城管委",
        "住建委",
        "community甲",
        "职责清单第三条",
        "理由成立",
        "派单员",
        "区领导",
    ):
        assert words in page
    assert "Relieved of it: Uphold the objection" in page


def test_case_page_leads_to_its_ledger(cast: Cast, now: datetime):
    case = new_case(cast, now)

    page = signed_in(cast, "clerk").get(case.get_absolute_url()).content.decode()

    assert reverse("hops", args=[case.number]) in page


def test_ledger_of_a_case_out_of_sight_is_not_there(cast: Cast, now: datetime):
    url = reverse("hops", args=[passed(cast, now).number])

    assert signed_in(cast, "stranger").get(url).status_code == 404


def test_ledger_costs_the_same_for_many_hops(cast: Cast, now: datetime):
    few = pass_on(new_case(cast, now), department(cast, "水务局"), cast, now)
    many = passed(cast, now)
    client = signed_in(cast, "clerk")

    asked = [statements(client, reverse("hops", args=[one.number])) for one in (few, few, many)]

    assert asked[1] == asked[2]


def statements(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


# Precedents -----------------------------------------------------------------------------------


def test_the_next_case_of_the_kind_is_proposed_to_whom_it_was_ruled(cast: Cast, now: datetime):
    first, second = department(cast, "城管委"), department(cast, "住建委")
    earlier = receive(pass_on(new_case(cast, now), first, cast, now), second, cast, now)

    best, *others = candidates(new_case(cast, now), now, Directory.current())

    assert best.unit_id == second.unit_id
    assert earlier.number in str(best.reason)
    assert first.unit_id not in {one.unit_id for one in others}


def test_matching_of_a_repeat_that_was_objected_to_asks_four_times(
    cast: Cast, now: datetime, django_assert_max_num_queries: Any
):
    first, second = department(cast, "城管委"), department(cast, "住建委")
    case = pass_on(new_case(cast, now), first, cast, now)
    again = pass_on(new_case(cast, now, first_petition=case), second, cast, now)
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    case = Petition.objects.get(pk=again.pk)
    Directory.current()

    with django_assert_max_num_queries(4):
        found = candidates(case, now, Directory.current())

    units = {one.unit_id for one in found}
    assert second.unit_id not in units
    assert cast.handler.unit_id in units


def test_a_proposal_that_rests_on_a_ruling_can_be_chosen(cast: Cast, now: datetime):
    second = department(cast, "住建委")
    receive(pass_on(new_case(cast, now), department(cast, "城管委"), cast, now), second, cast, now)
    case = new_case(cast, now)
    sent = {"proposal": f"{second.unit_id}-{second.pk}", "way": "TRANSFER", "seen": case.version}

    answer = signed_in(cast, "dispatcher").post(f"/cases/{case.number}/do/dispatch/", sent)

    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.unit_id, case.handler_id) == (second.unit_id, second.pk)


@pytest.mark.parametrize("why", ["withdrawn", "elsewhere", "sealed"])
def test_a_precedent_is_not_heeded_when(why: str, cast: Cast, now: datetime):
    first, second = department(cast, "城管委"), department(cast, "住建委")
    earlier = receive(pass_on(new_case(cast, now), first, cast, now), second, cast, now)
    ruling = Precedent.objects.filter(case=earlier)
    if why == "withdrawn":
        actor = cast.actor("dispatcher", now)
        precedents.withdraw(ruling.get().pk, actor=actor, now=now, reason="已调整")
    elif why == "elsewhere":
        ruling.update(area=None)
    else:
        Petition.objects.filter(pk=earlier.pk).update(sealed=True)

    found = candidates(new_case(cast, now), now, Directory.current())

    assert second.unit_id not in {one.unit_id for one in found}


def test_precedents_are_listed_with_their_reasons(cast: Cast, now: datetime):
    case = passed(cast, now)

    page = signed_in(cast, "dispatcher").get(reverse("precedents")).content.decode()

    assert page.count(case.number) >= 2
    assert "It is the matter of 住建委" in page
    assert "理由成立" in page
    assert "王" not in page.partition("<main")[2]


def test_a_precedent_is_withdrawn_on_its_page(cast: Cast, now: datetime):
    pass_on(new_case(cast, now), department(cast, "城管委"), cast, now)
    url = reverse("withdraw_precedent", args=[Precedent.objects.get().pk])
    client = signed_in(cast, "dispatcher")

    assert client.post(url, {"reason": ""}).status_code == 400
    assert client.post(url, {"reason": "职责清单已调整"}).status_code == 302
    again = client.post(url, {"reason": "又一次"})
    assert again.status_code == 409
    assert "又一次" in again.content.decode()

    withdrawn = client.get(reverse("precedents") + "?tab=withdrawn").content.decode()
    assert "职责清单已调整" in withdrawn


@pytest.mark.parametrize(("who", "status"), [("clerk", 403), ("supervisor", 403), ("leader", 302)])
def test_who_withdraws_a_precedent(who: str, status: int, cast: Cast, now: datetime):
    pass_on(new_case(cast, now), department(cast, "城管委"), cast, now)
    url = reverse("withdraw_precedent", args=[Precedent.objects.get().pk])

    assert signed_in(cast, who).post(url, {"reason": "不妥"}).status_code == status


# The flow -------------------------------------------------------------------------------------


def flow_page(cast: Cast, **given: str) -> Any:
    return signed_in(cast, "leader").get(reverse("flow"), given)


def test_flow_counts_moves_shares_and_hours(cast: Cast, now: datetime):
    first, second = department(cast, "城管委"), department(cast, "住建委")
    for number in range(2):
        case = receive(new_case(cast, now), first, cast, now)
        case = rule(object_to(case, first, now + 2 * HOUR), cast, now + 3 * HOUR)
        receive(case, second, cast, now + 4 * HOUR)
        if number:
            rule(object_to(case, second, now + 5 * HOUR), cast, now + 5 * HOUR, upheld=False)
    receive(new_case(cast, now), first, cast, now)

    found: Flow = flow_page(cast).context["found"]

    assert [(one.unit, one.to, one.cases) for one in found.moves] == [
        (first.unit_id, second.unit_id, 2)
    ]
    lines = {one.unit: one for one in found.units}
    assert (lines[first.unit_id or 0].received, lines[first.unit_id or 0].passed) == (3, 2)
    assert lines[first.unit_id or 0].held == 6 * HOUR
    assert lines[first.unit_id or 0].each == 3 * HOUR
    assert lines[second.unit_id or 0].rejected == 1
    assert (found.received, found.twice, found.upheld, found.rejected) == (3, 0, 2, 1)


def test_every_number_of_the_flow_leads_to_as_many_cases(cast: Cast, now: datetime):
    passed(cast, now)
    recalled = receive(new_case(cast, now), department(cast, "园林局"), cast, now)
    drive(recalled, "recall", cast=cast, now=now)
    client = signed_in(cast, "leader")

    page = client.get(reverse("flow"))

    context, led = page.context, {}
    found = context["found"]
    numbers = {
        context["received_url"]: found.received,
        context["twice_url"]: found.twice,
        context["passed_url"]: found.upheld,
        context["rejected_url"]: found.rejected,
        **{one["url"]: one["cases"] for one in context["moves"]},
        **{one["received_url"]: one["line"].received for one in context["units"]},
        **{one["passed_url"]: one["line"].passed for one in context["units"]},
        **{one["recalled_url"]: one["line"].recalled for one in context["units"]},
    }
    for url in numbers:
        led[url] = client.get(url).context["count"]()
    assert led == numbers
    assert sum(numbers.values()) > 10


def test_flow_knows_nothing_of_sealed_cases(cast: Cast, now: datetime):
    case = passed(cast, now)
    Petition.objects.filter(pk=case.pk).update(sealed=True)

    found: Flow = flow_page(cast).context["found"]

    assert (found.moves, found.units, found.received, found.upheld) == ([], [], 0, 0)


def test_flow_counts_within_its_period_only(cast: Cast, now: datetime):
    passed(cast, now)

    found: Flow = flow_page(cast, first="2026-10-01", last="2026-10-31").context["found"]

    assert (found.moves, found.received) == ([], 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first": "2026-11-02", "last": "2026-11-01"}, "last"),
        ({"first": "2026-01-01", "last": "2026-11-01"}, "last"),
        ({"first": "2026-11-01"}, "last"),
        ({"first": "yesterday", "last": "2026-11-01"}, "first"),
        ({"first": "2026-11-01", "last": "9999-12-31"}, "last"),
    ],
)
def test_flow_of_an_impossible_period_says_so_at_the_field(
    given: dict[str, str], field: str, cast: Cast, now: datetime
):
    page = flow_page(cast, **given)

    assert page.status_code == 400
    assert list(page.context["form"].errors) == [field]


@pytest.mark.parametrize("name", ["flow", "precedents"])
def test_flow_and_precedents_are_not_for_clerks(name: str, cast: Cast, now: datetime):
    assert signed_in(cast, "clerk").get(reverse(name)).status_code == 403


def test_cases_behind_an_unknown_number_are_not_there(cast: Cast, now: datetime):
    page = signed_in(cast, "leader").get(reverse("flow_cases"), {"kind": "all"})

    assert page.status_code == 404


def test_flow_costs_the_same_for_many_moves(cast: Cast, now: datetime):
    client = signed_in(cast, "leader")
    passed(cast, now)
    statements(client, reverse("flow"))
    few = statements(client, reverse("flow"))

    for name in ("水务局", "园林局"):
        pass_on(new_case(cast, now), department(cast, name), cast, now)

    client.get(reverse("flow"))
    assert statements(client, reverse("flow")) == few


def test_drawing_gives_each_move_a_band_as_thick_as_its_cases():
    drawn = draw([Move(1, 2, 3), Move(1, 3, 1), Move(2, 1, 2)])

    heights = {(post.unit, post.anchor): post.height for post in drawn.posts}
    assert heights == {
        (1, "end"): 200.0, (2, "end"): 100.0, (2, "start"): 150.0, (3, "start"): 50.0,
        (1, "start"): 100.0,
    }  # fmt: skip
    assert len(drawn.ribbons) == 3
