"""Personal data in plain: a reason first, a line in the log, then the value on that page only."""

import pytest
from django.urls import reverse

from petitions.models import Reveal
from petitions.reveal import PER_DAY
from tests.driving import new_case, reach
from workflow.steps import State


@pytest.fixture
def case(cast, now, client):
    """A case, and the clerk signed in, reading English."""
    client.force_login(cast.clerk)
    client.cookies["xinfang_language"] = "en"
    return new_case(cast, now)


def url(case, field="phone"):
    return reverse("reveal", args=[case.number, field])


def test_reveal_asks_for_a_reason_and_shows_the_masked_value(case, client):
    page = client.get(url(case)).content.decode()

    assert "138****5678" in page
    assert "13812345678" not in page
    assert not Reveal.objects.exists()


@pytest.mark.parametrize(
    ("field", "plain"),
    [("name", "王建国"), ("phone", "13812345678"), ("address", "南路社区1号")],
)
def test_reveal_with_a_reason_shows_the_field_and_logs_it(case, cast, client, field, plain):
    answer = client.post(url(case, field), {"other": "核对身份"})

    look = Reveal.objects.get()
    assert plain in answer.content.decode()
    assert (look.field, look.reason, look.cadre) == (field, "核对身份", cast.clerk)


def test_reveal_with_a_usual_reason_needs_no_typing(case, client):
    client.post(url(case), {"usual": "call"})

    assert Reveal.objects.get().reason == "To call the petitioner"


@pytest.mark.parametrize("reason", [{}, {"usual": ""}, {"other": "。"}, {"other": "   "}])
def test_reveal_without_a_reason_shows_nothing_and_says_so(case, client, reason):
    answer = client.post(url(case), reason)

    assert answer.status_code == 400
    assert "13812345678" not in answer.content.decode()
    assert list(answer.context["form"].errors) == ["other"]
    assert not Reveal.objects.exists()


def test_reveal_of_a_telephone_offers_to_call(case, client):
    page = client.post(url(case), {"usual": "call"}).content.decode()

    assert 'href="tel:13812345678"' in page


def test_reveal_is_kept_by_no_cache(case, client):
    assert "no-store" in client.post(url(case), {"usual": "call"})["Cache-Control"]


def test_reveal_of_an_unknown_field_is_not_there(case, client):
    assert client.post(url(case, "rating_code_hash"), {"usual": "call"}).status_code == 404


@pytest.mark.parametrize("name", ["stranger", "liaison", "auditor", "sysadmin", "accused"])
def test_reveal_of_a_case_one_can_t_see_is_not_there(case, cast, client, name):
    client.force_login(cast.people[name])

    assert client.post(url(case), {"usual": "call"}).status_code == 404
    assert not Reveal.objects.exists()


def test_reveal_to_the_handler_of_the_case(cast, now, client):
    case = reach(State.DISPATCHED, cast, now)
    client.force_login(cast.handler)

    assert client.post(url(case), {"usual": "call"}).context["value"] == "13812345678"


def test_reveal_too_often_in_a_day_is_forbidden(case, cast, now, client):
    looks = [
        Reveal(petition=case, cadre=cast.clerk, field="phone", reason="回访", at=now)
        for _look in range(PER_DAY)
    ]
    Reveal.objects.bulk_create(looks)

    answer = client.post(url(case), {"usual": "call"})

    assert answer.status_code == 403
    assert "13812345678" not in answer.content.decode()
