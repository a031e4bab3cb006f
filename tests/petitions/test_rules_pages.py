"""Rules and calendar as the administrators see them: sent, looked at, applied, in the log."""

import json
from datetime import date, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agents.models import Stamp
from petitions.forms.rules import AUDIENCE_LABELS
from tests.conftest import SHANGHAI
from tests.driving import drive, new_case
from workflow.audiences import AUDIENCES
from workflow.models import Clock, Holiday, RuleChange
from workflow.recalculation import SETTLE, go_on
from workflow.reference.holidays import read_holidays
from workflow.terms import CALENDAR

pytestmark = pytest.mark.django_db

PAGE = "/rules/calendar/"
NOTICE = "国办发明电〔2026〕9号"


@pytest.fixture(autouse=True)
def _in_english(client):
    client.cookies["xinfang_language"] = "en"


def amendment(*days, off=True):
    return json.dumps([{"name": "假", "date": day, "isOffDay": off} for day in days])


def sent(text="", **more):
    return {"year": "2026", "basis": NOTICE, "scope": "some", "text": text, **more}


@pytest.fixture
def keeper(cast, client):
    client.force_login(cast.secadmin)
    return client


def apply(keeper, data):
    looked = keeper.post(PAGE, data).context["looked"]
    return keeper.post(PAGE, {**data, "looked": looked, "apply": "1"})


# Who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["secadmin", "sysadmin", "auditor"])
def test_rules_page_opens_for_administrators(cast, client, now, name):
    client.force_login(cast.people[name])

    page = client.get("/rules/")

    assert page.status_code == 200
    assert "Regulation on Petition Work, art. 34" in page.content.decode()


@pytest.mark.parametrize("name", ["clerk", "leader", "supervisor", "liaison"])
def test_rules_page_is_closed_to_others(cast, client, now, name):
    client.force_login(cast.people[name])

    assert client.get("/rules/").status_code == 403


@pytest.mark.parametrize("name", ["sysadmin", "auditor", "clerk"])
def test_calendar_page_is_the_security_administrators_alone(cast, client, now, name):
    client.force_login(cast.people[name])

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, sent(amendment("2026-11-26"))).status_code == 403


def test_each_audience_of_the_machine_has_a_label() -> None:
    assert set(AUDIENCE_LABELS) == set(AUDIENCES)


def test_rules_page_unknown_change_is_not_found(keeper, now):
    assert keeper.get("/rules/changes/99/").status_code == 404


# Looking ------------------------------------------------------------------------------------


def test_calendar_page_shows_the_change_and_stores_nothing(cast, keeper, now):
    drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    days = Holiday.objects.count()

    page = keeper.post(PAGE, sent(amendment("2026-11-26")))

    assert page.status_code == 200
    assert [row[0] for row in page.context["found"].added] == [date(2026, 11, 26)]
    assert page.context["impact"].by_term == [("OBJECTION", 0, 1)]
    assert Holiday.objects.count() == days


def test_calendar_page_impact_says_what_the_recalculation_does(cast, keeper, now):
    for kind in ("appeal", "appeal", "hotline"):
        drive(new_case(cast, now, kind), "dispatch", cast=cast, now=now)
    data = sent(amendment("2026-11-26", "2026-12-08"))
    impact = keeper.post(PAGE, data).context["impact"]

    apply(keeper, data)
    go_on(now + SETTLE)

    change = RuleChange.objects.get()
    assert (impact.moved, impact.seen) == (change.moved, 6)


def test_calendar_page_sealed_accusations_are_in_no_number(cast, keeper, now):
    new_case(cast, now, "accusation", by="liaison")

    page = keeper.post(PAGE, sent(amendment("2026-12-08")))

    assert (page.context["impact"].seen, page.context["impact"].moved) == (0, 0)


def test_calendar_page_takes_a_file_and_keeps_its_text(cast, keeper, now):
    file = SimpleUploadedFile("2026.json", amendment("2026-11-26").encode("gb18030"))

    page = keeper.post(PAGE, sent(file=file))

    assert page.status_code == 200
    assert "2026-11-26" in page.context["form"]["text"].value()


def test_calendar_page_error_stands_at_the_text_which_is_kept(keeper, now):
    page = keeper.post(PAGE, sent(amendment("2026-02-31")))

    assert page.status_code == 400
    assert "Entry 1" in page.context["form"].errors["text"][0]
    assert "2026-02-31" in page.content.decode()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "text"),
        ({"text": "[]", "year": "2029"}, "year"),
        ({"text": "[]", "basis": ""}, "basis"),
        ({"text": amendment("2027-02-01"), "year": "2027"}, "scope"),
        ({"text": amendment("2026-10-01", off=False), "scope": "whole"}, "text"),
        ({"file": SimpleUploadedFile("x.json", b"\xff\xfe\x00\xd8\x80")}, "file"),
    ],
)
def test_calendar_page_bad_entry_is_told_at_its_field(keeper, now, data, field):
    page = keeper.post(PAGE, sent(**data))

    assert page.status_code == 400
    assert field in page.context["form"].errors


def test_calendar_page_contradiction_with_another_year_is_told(keeper, now):
    Holiday.objects.create(day="2025-12-31", name="元旦", is_off=True, year_file=2025)
    Stamp.bump(CALENDAR)

    page = keeper.post(PAGE, sent(amendment("2025-12-31", off=False)))

    assert "the notice of 2025 has it off" in page.context["form"].errors["text"][0]


def test_calendar_page_same_again_changes_nothing(keeper, now):
    entries = [
        {"name": name, "date": day.isoformat(), "isOffDay": off}
        for day, name, off, year in read_holidays()
        if year == 2026
    ]
    page = keeper.post(PAGE, sent(json.dumps(entries), scope="whole"))

    assert page.status_code == 200
    assert not page.context["found"]
    assert "nothing would change" in page.content.decode()


def test_calendar_page_whole_notice_takes_out_what_it_does_not_name(keeper, now):
    apply(keeper, sent(amendment("2026-11-26")))
    entries = [
        {"name": name, "date": day.isoformat(), "isOffDay": off}
        for day, name, off, year in read_holidays()
        if year == 2026
    ]

    page = keeper.post(PAGE, sent(json.dumps(entries), scope="whole"))

    assert [row[0] for row in page.context["found"].removed] == [date(2026, 11, 26)]


# Applying -----------------------------------------------------------------------------------


def test_calendar_page_applied_is_stored_and_logged(cast, keeper, now):
    answer = apply(keeper, sent(amendment("2026-11-26")))

    change = RuleChange.objects.get()
    assert answer.url == reverse("rule_change", args=[change.pk])
    assert Holiday.objects.get(day="2026-11-26").is_off
    assert (change.made_by, change.basis, change.stage) == (cast.secadmin, NOTICE, "WAITING")
    assert "added" in keeper.get(answer.url).content.decode()


def test_calendar_page_other_text_than_was_shown_is_not_applied(keeper, now):
    looked = keeper.post(PAGE, sent(amendment("2026-11-26"))).context["looked"]

    page = keeper.post(PAGE, sent(amendment("2026-11-27"), looked=looked, apply="1"))

    assert page.status_code == 409
    assert RuleChange.objects.count() == 0


def test_calendar_page_calendar_changed_meanwhile_is_not_applied(keeper, now):
    data = sent(amendment("2026-11-26"))
    looked = keeper.post(PAGE, data).context["looked"]
    Stamp.bump(CALENDAR)

    assert keeper.post(PAGE, {**data, "looked": looked, "apply": "1"}).status_code == 409


def test_change_page_tells_how_far_it_is(keeper, cast, now):
    drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    apply(keeper, sent(amendment("2026-11-26")))
    change = RuleChange.objects.get()

    part = keeper.get(change.get_absolute_url(), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in part.headers
    go_on(now + SETTLE)
    part = keeper.get(change.get_absolute_url(), headers={"HX-Request": "true"})

    assert part.headers["HX-Refresh"] == "true"
    assert Clock.objects.get(term="OBJECTION").due_at.astimezone(SHANGHAI).day == 1


# What is missing ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["secadmin", "sysadmin", "leader"])
def test_home_asks_for_the_next_years_calendar_from_october(cast, client, name):
    with time_machine.travel(datetime(2026, 10, 1, 9, 0, tzinfo=SHANGHAI), tick=False):
        client.force_login(cast.people[name])
        assert "calendar of 2027 is missing" in client.get("/").content.decode()


def test_home_asks_nobody_before_october(cast, client):
    with time_machine.travel(datetime(2026, 9, 30, 9, 0, tzinfo=SHANGHAI), tick=False):
        client.force_login(cast.secadmin)
        assert "is missing" not in client.get("/").content.decode()


def test_home_asks_no_clerk(cast, client, now):
    client.force_login(cast.clerk)

    assert "is missing" not in client.get("/").content.decode()


def test_rules_page_asks_as_much_for_many_changes_as_for_one(
    keeper, now, django_assert_max_num_queries
):
    for day in ("2026-11-26", "2026-11-27", "2026-11-30"):
        apply(keeper, sent(amendment(day)))
    keeper.get("/rules/")

    with django_assert_max_num_queries(5):
        keeper.get("/rules/")
