"""Policy texts: uploaded, found by the words of a case, cited, marked when they hold no more."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from petitions import policies
from petitions.models import PolicyText
from petitions.words import words_of
from tests.cast import Cast
from tests.driving import new_case, reach
from tests.petitions.test_same_cause import COLD
from workflow.steps import State

pytestmark = pytest.mark.django_db

TEXT = (
    "第一条 为了规范供热管理，制定本办法。\n"
    "第九条 采暖期内居民卧室室温不低于十八度，暖气不热的应当尽快供暖。"
)


def upload(client: Client, **other: Any) -> Any:
    sent = {
        "title": "供热管理办法", "number": "京政发〔2010〕1号", "issued_by": "市政府",
        "valid_from": "2010-04-01", "text": TEXT, **other,
    }  # fmt: skip
    return client.post(reverse("policies"), sent)


def policy(cast: Cast, now: datetime, **other: Any) -> PolicyText:
    facts = {
        "title": "供热管理办法", "issued_by": "市政府", "valid_from": date(2010, 4, 1),
        "text": TEXT, "uploaded_by": cast.dispatcher, "uploaded_at": now, **other,
    }  # fmt: skip
    return policies.keep(PolicyText(**facts))


def test_words_are_pairs_of_characters_without_the_little_ones() -> None:
    assert list(words_of("暖气的管道 No.12345 A")) == ["暖气", "管道", "no", "12345"]


def test_uploaded_text_is_found_and_its_file_handed_out(
    client: Client, cast: Cast, now: datetime
) -> None:
    client.force_login(cast.dispatcher)
    file = SimpleUploadedFile("办法.txt", TEXT.encode(), "text/plain")

    assert upload(client, text="", file=file).status_code == 302

    stored = PolicyText.objects.get()
    assert stored.text == TEXT
    found = client.get(reverse("policies"), {"q": "暖气"}).context["found"]
    assert [one.policy.pk for one in found] == [stored.pk]
    handed = client.get(reverse("policy_file", args=[stored.pk]))
    assert b"".join(handed.streaming_content).decode() == TEXT  # type: ignore[attr-defined]


def test_upload_that_lacks_something_keeps_what_was_typed(
    client: Client, cast: Cast, now: datetime
) -> None:
    client.force_login(cast.secadmin)

    answer = upload(client, text="", valid_to="2009-01-01")

    assert answer.status_code == 400
    assert {"text", "valid_to"} <= set(answer.context["form"].errors)
    assert "京政发〔2010〕1号" in answer.content.decode()


def test_others_upload_nothing(client: Client, cast: Cast, now: datetime) -> None:
    for by in ("handler", "clerk", "sysadmin"):
        client.force_login(cast.people[by])

        assert upload(client).status_code == 403
        assert client.get(reverse("policies")).status_code == 200


def test_case_finds_the_text_and_the_article_that_fit(cast: Cast, now: datetime) -> None:
    fits = policy(cast, now, number="京政发〔2010〕1号")
    policy(cast, now, title="路灯维护规定", text="第二条 路灯损坏的，三日内修复。")

    [found] = policies.find(COLD, now.date())

    assert found.policy == fits
    assert found.citation == "《供热管理办法》（京政发〔2010〕1号）第九条"
    assert found.excerpt.startswith("第九条")


def test_expired_text_comes_last_and_says_so(cast: Cast, now: datetime) -> None:
    old = policy(cast, now, valid_to=now.date() - timedelta(days=1))
    new = policy(cast, now, title="供热管理条例")

    found = policies.find(COLD, now.date())

    assert [(one.policy.pk, bool(one.force)) for one in found] == [(new.pk, False), (old.pk, True)]


def test_keeper_says_until_when_a_text_holds(client: Client, cast: Cast, now: datetime) -> None:
    text = policy(cast, now)
    client.force_login(cast.dispatcher)

    client.post(text.get_absolute_url(), {"valid_to": "2026-11-01"})
    answer = client.post(text.get_absolute_url(), {"valid_to": "2001-01-01"})

    text.refresh_from_db()
    assert (text.valid_to, answer.status_code) == (date(2026, 11, 1), 400)
    client.force_login(cast.handler)
    assert client.post(text.get_absolute_url(), {"valid_to": ""}).status_code == 403


def test_draft_has_texts_and_closed_cases_beside_it(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    policy(cast, now, text="第三条 楼前路灯坏了的，应当尽快修好。")
    case, closed = reach(State.HANDLING, cast, now), reach(State.CLOSED, cast, now)
    client.force_login(cast.handler)
    step = client.get(reverse("step", args=[case.number, "submit_opinion"])).content.decode()
    address = reverse("beside", args=[case.number])
    assert f"{address}?into=basis" in step

    with django_assert_max_num_queries(12):
        shown = client.get(f"{address}?into=basis", headers={"HX-Request": "true"}).content.decode()

    assert 'data-into="id_basis"' in shown
    assert "《供热管理办法》第三条" in shown
    assert closed.number in shown
    assert client.get(address).status_code == 200


def test_beside_of_a_case_out_of_sight_is_not_found(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = new_case(cast, now)
    client.force_login(cast.stranger)

    assert client.get(reverse("beside", args=[case.number])).status_code == 404
    assert client.get(reverse("similar", args=[case.number])).status_code == 404
