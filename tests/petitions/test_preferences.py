"""By which channels one is told of what: chosen on a page of one's own."""

import pytest
from django.test import Client

from agents.directory import Directory
from tests.cast import Cast
from tests.channels import Remembering
from workflow.channels import CHANNELS
from workflow.preferences import channels_for

URL = "/inbox/ways/"


@pytest.fixture
def mine(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The handler's; the office has mail, which needs an address, and a messenger."""
    monkeypatch.setitem(CHANNELS, "email", Remembering(needs="email"))
    monkeypatch.setitem(CHANNELS, "messenger", Remembering())
    client.force_login(cast.handler)
    return client


def ways(cast: Cast, kind: str) -> list[str]:
    return channels_for(Directory.current().cadres[cast.handler.pk], kind)


def test_what_was_never_chosen_is_shown_as_the_office_has_it(mine):
    form = mine.get(URL).context["form"]

    assert form.initial["OTHER"] == ["messenger"]


def test_a_channel_without_its_address_is_not_offered(mine, cast):
    assert list(mine.get(URL).context["form"].channels) == ["messenger"]

    answer = mine.post(URL, {"OTHER": ["email"]})

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["OTHER"]


def test_a_choice_counts_from_the_next_notice_on(mine, cast):
    mine.post(URL, {"language": "en", "URGENT": ["messenger"]})

    assert ways(cast, "URGENT") == ["messenger"]
    assert ways(cast, "OTHER") == ways(cast, "REMINDER") == []
    cast.handler.refresh_from_db()
    assert cast.handler.language == "en"


def test_a_choice_for_a_channel_not_offered_now_is_kept(mine, cast):
    cast.handler.notice_channels = {"OTHER": ["email", "messenger"]}
    cast.handler.save()

    mine.post(URL, {"language": ""})

    cast.handler.refresh_from_db()
    assert cast.handler.notice_channels["OTHER"] == ["email"]


def test_with_no_other_channel_the_page_says_why(cast, client):
    client.force_login(cast.handler)

    answer = client.get(URL)

    assert answer.context["form"].channels == {}
    assert list(answer.context["form"].fields) == ["language"]


def test_a_mobile_number_is_masked(mine, cast):
    cast.handler.phone = "13812345678"
    cast.handler.save()

    page = mine.get(URL).content.decode()

    assert "138****5678" in page
    assert "13812345678" not in page
