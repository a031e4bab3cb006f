"""The auditor's log: who did what and when, and nothing of what a case is about."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from petitions.reveal import reveal
from tests.driving import new_case, reach
from workflow.steps import State


def page(client: Any, cadre: Any, **query: str) -> Any:
    client.force_login(cadre)
    return client.get(reverse("home"), query)


def test_audit_shows_who_did_what_but_nothing_of_the_case(cast, now, client):
    case = reach(State.SIGNED, cast, now)

    with translation.override("zh-hans"):
        answer = page(client, cast.auditor)

    text = answer.content.decode()
    assert [row["subject"] for row in answer.context["page"].rows] == [case.number] * 3
    assert answer.context["page"].rows[0]["who"] == "承办人"
    assert not any(secret in text for secret in ("路灯", "王建国", "13812345678", "文字"))


def test_audit_names_no_sealed_case(cast, now, client):
    case = new_case(cast, now, "accusation")

    answer = page(client, cast.auditor)
    by_number = page(client, cast.auditor, number=case.number)

    assert case.number not in answer.content.decode()
    assert len(answer.context["page"].rows) == 1
    assert by_number.context["page"].rows == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"who": "承办"}, ["sign"]),
        ({"what": "register"}, ["register"]),
        ({"first": "2026-11-24"}, []),
        ({"last": "2026-11-22"}, []),
        ({"number": "2026-000009-9"}, []),
    ],
)
def test_audit_is_narrowed_by_who_what_and_when(cast, now, client, query, expected):
    reach(State.SIGNED, cast, now)

    assert len(page(client, cast.auditor, **query).context["page"].rows) == len(expected)


def test_audit_shows_looks_at_personal_data_with_their_reason(cast, now, client):
    case = new_case(cast, now)
    reveal(case, "phone", "电话回访", cast.caller, now)

    [row] = page(client, cast.auditor, log="looks").context["page"].rows

    assert (row["who"], row["reason"], row["subject"]) == ("回访员", "电话回访", case.number)


def test_audit_pages_lead_to_the_oldest_entry_and_back(cast, now, client):
    for _case in range(26):
        reach(State.DISPATCHED, cast, now)

    first = page(client, cast.auditor).context["page"]
    second = page(client, cast.auditor, after=str(first.after)).context["page"]
    back = page(client, cast.auditor, before=str(second.before)).context["page"]

    assert (len(first.rows), len(second.rows), second.after) == (50, 2, None)
    assert back.rows == first.rows
