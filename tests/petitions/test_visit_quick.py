"""Visits that open no case, one more visit of a case, and today's log."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from petitions.models import Petition, Visit
from tests.driving import new_case

URL = "/visits/new/"


@pytest.fixture
def desk(cast, now, client):
    client.force_login(cast.clerk)
    client.cookies["xinfang_language"] = "en"
    return client


def test_visit_with_the_kind_alone_is_written_down(desk, cast, now):
    answer = desk.post(URL, {"kind": "INQUIRY"})

    visit = Visit.objects.get()
    assert answer.url == reverse("visit_quick")
    assert (visit.kind, visit.petition, visit.received_by) == ("INQUIRY", None, cast.clerk)
    assert (visit.at, visit.unit) == (now, cast.unit["office"])


def test_visit_without_a_case_registers_nothing(desk):
    desk.post(URL, {"kind": "PROGRESS", "note": "问进展", "told": "请等候"})

    assert not Petition.objects.exists()
    assert (Visit.objects.get().note, Visit.objects.get().told) == ("问进展", "请等候")


def test_visit_of_a_case_is_the_case_s_and_not_counted_without(desk, cast, now):
    case = new_case(cast, now)

    desk.post(URL, {"kind": "REPEAT", "number": case.number})

    assert case.visits.get().petitioner == case.petitioner
    assert not Visit.objects.without_case().exists()


def test_visit_with_a_question_about_a_named_case_is_one_about_progress(desk, cast, now):
    case = new_case(cast, now)

    desk.post(URL, {"kind": "INQUIRY", "number": case.number})

    assert case.visits.get().kind == Visit.Kind.PROGRESS


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"at": "2026-11-23T09:01"}, "at", "A visit can't lie in the future."),
        ({"kind": "REPEAT"}, "number", "Say which case they came about."),
        ({"number": "2026-000001-0"}, "number", "a digit is missing or mistyped"),
        ({"number": "2026-000001-7"}, "number", "There is no such case"),
        ({"head_count": "0"}, "head_count", "greater than or equal to 1"),
        ({"kind": "FILING"}, "kind", "FILING"),
    ],
)
def test_visit_with_a_wrong_field_says_so_at_the_field(desk, sent, field, sentence):
    answer = desk.post(URL, {"kind": "INQUIRY", **sent})

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert sentence in unescape(answer.content.decode())
    assert not Visit.objects.exists()


def test_visit_of_a_case_one_may_not_see_says_there_is_none(desk, cast, now):
    sealed = new_case(cast, now, "accusation")

    answer = desk.post(URL, {"kind": "REPEAT", "number": sealed.number})

    assert "There is no such case" in unescape(answer.content.decode())


def test_visit_with_a_mistake_keeps_what_was_typed(desk):
    answer = desk.post(URL, {"kind": "REPEAT", "note": "又来询问"})

    assert "又来询问" in answer.content.decode()


@pytest.mark.parametrize("name", ["sysadmin", "auditor"])
def test_visit_by_an_administrator_is_forbidden(cast, now, client, name):
    client.force_login(cast.people[name])

    assert client.get(URL).status_code == 403


def test_log_shows_today_newest_first(desk, cast, now):
    new_case(cast, now - timedelta(days=1))
    for kind in ("INQUIRY", "PROGRESS"):
        desk.post(URL, {"kind": kind})

    assert [visit.kind for visit in desk.get(URL).context["log"]] == ["PROGRESS", "INQUIRY"]


def test_log_keeps_the_visit_of_a_sealed_accusation_to_itself(desk, cast):
    typed = {"channel": "VISIT", "name": "张桂兰", "demand": "反映问题", "problem_area": "八宝山"}
    desk.post(reverse("register"), {**typed, "petition_class": "ACCUSATION"})
    desk.post(reverse("register"), typed)

    log = desk.get(URL).context["log"]

    assert [visit.petition.sealed for visit in log] == [False]


def test_log_asks_the_same_for_ten_visits_and_for_forty(desk, django_assert_num_queries):
    counts = []
    for many in (10, 30):
        for _visit in range(many):
            desk.post(URL, {"kind": "INQUIRY"})
        with django_assert_num_queries(20, exact=False) as asked:
            desk.get(URL)
        counts.append(len(asked))

    assert counts[0] == counts[1]
