"""The inbox: one's own notices, their filters, and marking them as read."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from petitions.navigation import Bar
from tests.cast import Cast
from tests.driving import new_case, reach
from workflow import delivery, sweep
from workflow.models import Clock, InboxMessage
from workflow.steps import State

URL = "/inbox/"


@pytest.fixture
def mail(cast, now, client):
    """The handler, to whom one case was dispatched."""
    reach(State.DISPATCHED, cast, now)
    delivery.deliver(now)
    client.force_login(cast.handler)
    return client


def bar(user: Any) -> Bar:
    request = RequestFactory().get("/inbox/")
    request.user = user
    return Bar(request)


def test_inbox_tells_in_words_and_names_the_case_only(mail):
    [row] = mail.get(URL).context["page"].rows

    assert row["number"] in row["title"]
    assert "路灯" not in mail.get(URL).content.decode()


def test_inbox_holds_nothing_of_others(mail, cast):
    mail.force_login(cast.stranger)

    assert mail.get(URL).context["page"].rows == []


def test_message_opened_is_read_and_leads_to_its_case(mail):
    message = InboxMessage.objects.get(recipient__username="handler")

    answer = mail.get(reverse("open_message", args=[message.pk]))

    message.refresh_from_db()
    assert answer.url == reverse("case", args=[message.case.number])
    assert message.read_at is not None


def test_message_of_somebody_else_is_not_there(mail, cast):
    message = InboxMessage.objects.get(recipient__username="handler")
    mail.force_login(cast.stranger)

    assert mail.get(reverse("open_message", args=[message.pk])).status_code == 404
    assert InboxMessage.objects.get(pk=message.pk).read_at is None


def test_read_all_marks_what_was_on_the_page_and_nothing_newer(mail, cast, now):
    seen = mail.get(URL).context["newest"]
    reach(State.DISPATCHED, cast, now)
    delivery.deliver(now)

    mail.post(reverse("read_all"), {"up_to": seen})

    unread = InboxMessage.objects.filter(recipient=cast.handler, read_at=None)
    assert [message.pk > seen for message in unread] == [True]


def test_read_all_leaves_others_inboxes_alone(mail, cast):
    mail.force_login(cast.stranger)

    mail.post(reverse("read_all"))

    assert InboxMessage.objects.filter(recipient=cast.handler, read_at=None).exists()


@pytest.mark.parametrize(
    ("tab", "shown"),
    [("unread", 1), ("all", 2), ("requests", 0), ("open", 2), ("done", 0), ("x", 2)],
)
def test_inbox_tabs_narrow_it(mail, cast, now, tab, shown):
    mail.get(reverse("open_message", args=[mail.get(URL).context["newest"]]))
    reach(State.DISPATCHED, cast, now)
    delivery.deliver(now)

    assert len(mail.get(URL, {"tab": tab}).context["page"].rows) == shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"kind": "OTHER"}, 1),
        ({"kind": "REMINDER"}, 1),
        ({"term": "SIGN"}, 1),
        ({"term": "HANDLING"}, 0),
        ({"kind": "REMINDER", "term": "SIGN", "tab": "unread"}, 1),
        ({"kind": "nonsense"}, 2),
    ],
)
def test_inbox_is_narrowed_by_kind_and_term(mail, cast, now, query, shown):
    clock = Clock.objects.get(term="SIGN", closed_at=None)
    sweep.sweep(clock.next_at)
    delivery.deliver(clock.next_at + timedelta(hours=12))  # the next morning

    assert len(mail.get(URL, query).context["page"].rows) == shown


def test_message_ticked_is_done_and_read_and_leads_back_to_its_page(mail):
    message = InboxMessage.objects.get(recipient__username="handler")
    url, back = reverse("tick_message", args=[message.pk]), "/inbox/?tab=open"

    answer = mail.post(url, {"done": "1", "back": back})

    message.refresh_from_db()
    assert answer.url == back
    assert message.done_at == message.read_at is not None
    assert mail.get(back).context["page"].rows == []


def test_message_ticked_by_mistake_is_to_be_done_again(mail):
    message = InboxMessage.objects.get(recipient__username="handler")
    url = reverse("tick_message", args=[message.pk])
    mail.post(url, {"done": "1"})

    mail.post(url, {"done": "0"})

    assert len(mail.get(URL, {"tab": "open"}).context["page"].rows) == 1


def test_message_of_somebody_else_can_t_be_ticked(mail, cast):
    message = InboxMessage.objects.get(recipient__username="handler")
    mail.force_login(cast.stranger)

    assert mail.post(reverse("tick_message", args=[message.pk]), {"done": "1"}).status_code == 404
    assert InboxMessage.objects.get(pk=message.pk).done_at is None


def test_tick_leads_to_no_other_site(mail):
    message = InboxMessage.objects.get(recipient__username="handler")
    url = reverse("tick_message", args=[message.pk])

    assert mail.post(url, {"done": "1", "back": "https://evil.test/"}).url == URL


def test_inbox_signed_out_leads_to_the_login(db, client):
    assert client.get(URL).url.startswith("/login/")


def test_inbox_asks_the_same_for_ten_messages_and_for_forty(mail, cast, now):
    counts = []
    for many in (9, 30):
        for _case in range(many):
            reach(State.DISPATCHED, cast, now)
        delivery.deliver(now)
        mail.get(URL)
        with CaptureQueriesContext(connection) as asked:
            mail.get(URL)
        counts.append(len(asked))

    assert counts[0] == counts[1]


# The bar ------------------------------------------------------------------------------------


def test_badges_count_unread_notices_and_decisions(mail, cast, now):
    reach(State.APPROVAL, cast, now)

    assert bar(cast.handler).badges() == {"inbox": 1, "decisions": None}
    assert bar(cast.head).badges() == {"inbox": 0, "decisions": 1}


def test_badges_take_two_queries(cast: Cast, now, django_assert_max_num_queries):
    new_case(cast, now)

    for who in (cast.clerk, cast.head):
        with django_assert_max_num_queries(2):
            bar(who).badges()


def test_bar_signed_out_is_empty_and_asks_nothing(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert bar(AnonymousUser()).entries() == []
        assert bar(AnonymousUser()).badges() == {}


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        (
            "clerk",
            [
                "/",
                "/cases/",
                "/register/",
                "/visits/new/",
                "/tidings/",
                "/imports/",
                "/feedback/",
            ],
        ),
        ("liaison", ["/", "/cases/", "/register/"]),
        ("handler", ["/", "/cases/", "/groups/", "/joint/"]),
        ("sysadmin", ["/", "/charges/", "/operations/", "/rules/", "/admin/"]),
        ("auditor", ["/", "/rules/"]),
    ],
)
def test_bar_shows_the_pages_of_one_s_roles(cast, now, name, pages):
    assert [entry.url for entry in bar(cast.people[name]).entries()] == pages
