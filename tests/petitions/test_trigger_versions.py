"""New versions of a trigger of supervision: from a day on, with who and why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from petitions import trigger_impact
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow import happenings
from workflow.models import Delivery, Proposal, RuleChange, Trigger
from workflow.steps import State
from workflow.trigger_upkeep import version_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOP = ("dispatch", "object", "uphold_objection")


@pytest.fixture
def keeper(cast: Cast, client: Client) -> Client:
    client.force_login(cast.secadmin)
    client.cookies["xinfang_language"] = "en"
    return client


def latest(code: str) -> Trigger:
    return Trigger.objects.get(code=code, valid_to=None)


def looked(client: Client, code: str, **changes: Any) -> Any:
    """The form as the page shows it, sent with changes to be looked at."""
    address = reverse("trigger_version", args=[latest(code).pk])
    shown = client.get(address).context["form"]
    data = {name: "" if (was := shown[name].value()) is None else was for name in shown.fields}
    data |= {"ground": "办公会议定", **changes}
    return client.post(address, {k: v for k, v in data.items() if v is not False})


def applied(client: Client, page: Any) -> Any:
    """What a page shows, stored."""
    data = {**page.context["form"].data.dict(), "looked": page.context["looked"], "apply": "1"}
    data["tell"] = page.context["form"]["tell"].value()
    return client.post(page.request["PATH_INFO"], data)


def sent(client: Client, code: str, **changes: Any) -> Any:
    """The form with changes, looked at and stored; what is wrong with it stays unstored."""
    page = looked(client, code, **changes)
    return applied(client, page) if page.status_code == 200 else page


def counted(page: Any) -> tuple[Any, Any, Any]:
    impact = page.context["impact"]
    return impact.begun, impact.ended, impact.kept


@contextmanager
def later(days: int, cast: Cast, client: Client, now: datetime) -> Iterator[None]:
    """So many days on, the keeper signed in again."""
    with time_machine.travel(now + days * DAY, tick=False):
        client.force_login(cast.secadmin)
        yield


def hop(cast: Cast, now: datetime, times: int) -> None:
    drive(new_case(cast, now), *HOP * times, cast=cast, now=now)


def test_trigger_page_is_the_security_administrators_alone(cast: Cast, client: Client):
    address = reverse("trigger_version", args=[latest("second_hop").pk])
    for name in ("sysadmin", "auditor", "supervisor", "clerk"):
        client.force_login(cast.people[name])
        assert client.get(address).status_code == 403, name
        assert client.post(address, {}).status_code == 403, name


def test_trigger_changed_takes_effect_from_its_day(cast: Cast, keeper: Client, now: datetime):
    day = now.date() + DAY
    sent(keeper, "second_hop", valid_from=day.isoformat(), threshold=3)

    hop(cast, now, 2)
    assert Proposal.objects.count() == 1
    with time_machine.travel(now + DAY, tick=False):
        hop(cast, now + DAY, 2)
        assert Proposal.objects.count() == 1
        hop(cast, now + DAY, 3)
    assert Proposal.objects.count() == 2


def test_trigger_switched_off_proposes_nothing(cast: Cast, keeper: Client, now: datetime):
    sent(keeper, "second_hop", active=False)

    hop(cast, now, 2)

    assert Proposal.objects.count() == 0


def test_trigger_version_says_who_and_why_and_ends_the_former(
    cast: Cast, keeper: Client, now: datetime
):
    former = latest("second_hop")
    page = sent(keeper, "second_hop", valid_from=(now.date() + DAY).isoformat(), action="OPEN")

    change = RuleChange.objects.get()
    former.refresh_from_db()
    assert page.headers["Location"] == change.get_absolute_url()
    assert (change.made_by, change.basis, change.stage) == (cast.secadmin, "办公会议定", "NONE")
    assert (change.trigger, former.valid_to) == (latest("second_hop"), now.date())
    assert former.name_en in keeper.get(change.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("code", "changes", "field"),
    [
        ("second_hop", {"threshold": "0"}, "threshold"),
        ("second_hop", {"threshold": "many"}, "threshold"),
        ("second_hop", {"valid_from": "2026-11-22"}, "valid_from"),
        ("second_hop", {"demand": ""}, "demand"),
        ("second_hop", {"ground": ""}, "ground"),
        ("second_hop", {"basis": " "}, "basis"),
        ("second_hop", {"tell": ["supervisors", "everybody"]}, "tell"),
        ("handling_overdue", {"action": "TELL"}, "tell"),
    ],
)
def test_trigger_error_stands_at_its_field_and_what_was_typed_is_kept(
    keeper: Client, now: datetime, code: str, changes: dict[str, str], field: str
):
    page = sent(keeper, code, name="另一名称", **changes)

    assert page.status_code == 400
    assert field in page.context["form"].errors
    assert page.context["form"]["name"].value() == "另一名称"
    assert RuleChange.objects.count() == 0


def test_trigger_changed_by_another_meanwhile_is_refused_once(keeper: Client, now: datetime):
    tomorrow, later = (now.date() + n * DAY for n in (1, 2))
    shown = looked(keeper, "second_hop", valid_from=later.isoformat())
    sent(keeper, "second_hop", valid_from=tomorrow.isoformat())

    page = applied(keeper, shown)

    assert page.status_code == 409
    assert RuleChange.objects.count() == 1
    assert applied(keeper, page).status_code == 302


def test_trigger_version_tells_whom_it_names_and_rests_on_what_it_says(
    cast: Cast, keeper: Client, now: datetime
):
    page = sent(keeper, "second_hop", tell=["unit_head"], basis="办公会纪要第3号")

    hop(cast, now, 2)

    told = Delivery.objects.filter(notice="second_hop").values_list("recipient__username")
    assert [*told] == [("office_head",)]
    assert latest("second_hop").basis == "办公会纪要第3号"
    assert "Unit head" in keeper.get(page.headers["Location"]).content.decode()


def test_trigger_versions_waiting_proposal_is_one_a_case(cast: Cast, keeper: Client, now: datetime):
    case = reach(State.HANDLING, cast, now)
    happenings.record(case, "evidence_missing", actor=cast.actor("clerk", now), now=now)
    sent(keeper, "evidence_missing", demand="另一要求")

    happenings.record(case, "evidence_missing", actor=cast.actor("clerk", now), now=now)

    [waiting] = Proposal.objects.filter(case=case, decision="")
    assert waiting.trigger != latest("evidence_missing")


# Before it is stored -------------------------------------------------------------------------


def test_trigger_preview_counts_cases_by_the_time_gone_with_no_log(
    cast: Cast, keeper: Client, now: datetime
):
    reach(State.HANDLING, cast, now)
    with_log = reach(State.HANDLING, cast, now)
    reach(State.HANDLING, cast, now, "order_supervision")
    Petition.objects.exclude(pk=with_log.pk).update(logged_at=None)
    Petition.objects.filter(pk=with_log.pk).update(logged_at=now + DAY)

    with later(36, cast, keeper, now):  # of sixty days
        assert counted(looked(keeper, "half_gone_without_log", threshold=55)) == (0, 0, 1)
        assert counted(looked(keeper, "half_gone_without_log", threshold=70)) == (0, 1, 0)
        page = looked(keeper, "half_gone_without_log", threshold=55, action="TELL")
    # Of a case under an order only a version that tells has something to say.
    assert counted(page) == (1, 0, 1)
    assert not RuleChange.objects.exists()


def test_trigger_preview_counts_overdue_cases_and_no_sealed_one(
    cast: Cast, keeper: Client, now: datetime
):
    reach(State.HANDLING, cast, now)
    sealed = reach(State.HANDLING, cast, now)
    Petition.objects.filter(pk=sealed.pk).update(sealed=True)

    with later(90, cast, keeper, now):
        assert counted(looked(keeper, "handling_overdue", active=False)) == (0, 1, 0)


def test_trigger_preview_counts_cases_by_how_often_they_came_back(
    cast: Cast, keeper: Client, now: datetime
):
    hop(cast, now, 2)
    hop(cast, now, 3)

    assert counted(looked(keeper, "second_hop", threshold=3)) == (0, 1, 1)


def test_trigger_preview_of_what_only_an_event_decides_says_so(
    cast: Cast, keeper: Client, now: datetime
):
    case = reach(State.HANDLING, cast, now)
    happenings.record(case, "evidence_missing", actor=cast.actor("clerk", now), now=now)

    page = looked(keeper, "evidence_missing", action="OPEN")

    assert (counted(page), page.context["impact"].proposed) == ((None, None, None), 1)
    assert "Nothing: only when this happens next" in page.content.decode()
    with later(31, cast, keeper, now):
        again = looked(keeper, "evidence_missing", action="OPEN")
    assert again.context["impact"].proposed == 0


def test_trigger_preview_is_one_query(
    cast: Cast, now: datetime, django_assert_num_queries: Callable[[int], Any]
):
    base = latest("half_gone_without_log")
    with django_assert_num_queries(1):
        trigger_impact.of_version(version_of(base, threshold=60), base, now)
