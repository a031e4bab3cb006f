"""New versions of a trigger of supervision: from a day on, with who and why."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.driving import drive, new_case
from workflow.models import Proposal, RuleChange, Trigger

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


def sent(client: Client, code: str, **changes: Any) -> Any:
    """The form as the page shows it, with changes."""
    address = reverse("trigger_version", args=[latest(code).pk])
    shown = client.get(address).context["form"]
    data = {name: "" if (was := shown[name].value()) is None else was for name in shown.fields}
    data |= {"ground": "办公会议定", **changes}
    return client.post(address, {k: v for k, v in data.items() if v is not False})


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
        ("handling_overdue", {"action": "TELL"}, "action"),
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
    address = reverse("trigger_version", args=[latest("second_hop").pk])
    seen = keeper.get(address).context["form"]["seen"].value()
    sent(keeper, "second_hop", valid_from=tomorrow.isoformat())

    page = sent(keeper, "second_hop", valid_from=later.isoformat(), seen=seen)

    assert page.status_code == 409
    assert page.context["form"]["seen"].value() != seen
