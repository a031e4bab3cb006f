"""The page of watch periods: setting, reporting, missing; the banner and the notice."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import Cast
from tests.driving import reach
from workflow import delivery, watch
from workflow.models import DailyReport, InboxMessage, WatchPeriod
from workflow.steps import State
from workflow.terms import RuleBook

TODAY = date(2026, 11, 23)
PAGE = "/watch/"


def dispatch_field() -> str:
    return f"term_{RuleBook.current().rule('DISPATCH', '', TODAY).pk}"


def filled(**fields: Any) -> dict[str, Any]:
    return {
        "name": "两会", "starts_on": "2026-11-23", "ends_on": "2026-11-27", "report_by": "16:00",
        dispatch_field(): "3", **fields,
    }  # fmt: skip


def running(cast: Cast, now: datetime, **facts: Any) -> WatchPeriod:
    given: dict[str, Any] = {
        "name": "两会", "starts_on": TODAY, "ends_on": TODAY + timedelta(days=4), "unit_ids": [],
        "report_by": time(16), "lengths": {}, "by": cast.supervisor, "now": now,
    }  # fmt: skip
    return watch.set_period(**{**given, **facts})


def signed_in(client: Client, cadre: Any) -> Client:
    client.force_login(cadre)
    return client


# Setting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["supervisor", "leader"])
def test_set_by_the_district_shortens_and_is_shown(
    cast: Cast, now: datetime, client: Client, name: str
) -> None:
    answer = signed_in(client, cast.people[name]).post(PAGE, filled(), follow=True)

    [shown] = answer.context["periods"]
    assert [(term["rule"].length, term["usual"].length) for term in shown["terms"]] == [(3, 15)]
    assert shown["runs"]


@pytest.mark.parametrize("name", ["dispatcher", "head", "clerk", "handler"])
@pytest.mark.usefixtures("now")
def test_set_by_others_is_forbidden(cast: Cast, client: Client, name: str) -> None:
    assert signed_in(client, cast.people[name]).post(PAGE, filled()).status_code == 403
    assert not WatchPeriod.objects.exists()


@pytest.mark.parametrize("name", ["sysadmin", "secadmin", "auditor"])
@pytest.mark.usefixtures("now")
def test_page_is_closed_to_administrators(cast: Cast, client: Client, name: str) -> None:
    assert signed_in(client, cast.people[name]).get(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("starts_on", "2026-11-22"),
        ("ends_on", "2026-11-20"),
        ("ends_on", "2027-11-20"),
        ("ends_on", "someday"),
        ("report_by", "25:00"),
        ("units", "999999"),
    ],
)
@pytest.mark.usefixtures("now")
def test_set_with_bad_input_is_told_at_its_field(
    cast: Cast, client: Client, field: str, value: str
) -> None:
    answer = signed_in(client, cast.supervisor).post(PAGE, filled(**{field: value}))

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    if field != "name":
        assert 'value="两会"' in answer.content.decode()


@pytest.mark.parametrize("length", ["0", "15", "16", "x"])
@pytest.mark.usefixtures("now")
def test_term_that_would_not_shorten_is_refused_at_its_field(
    cast: Cast, client: Client, length: str
) -> None:
    name = dispatch_field()

    answer = signed_in(client, cast.supervisor).post(PAGE, filled(**{name: length}))

    assert list(answer.context["form"].errors) == [name]


def test_end_with_today_and_a_second_time(cast: Cast, now: datetime, client: Client) -> None:
    period = running(cast, now)
    url = reverse("watch_end", args=[period.pk])

    for _again in range(2):
        assert signed_in(client, cast.leader).post(url).status_code == 302

    period.refresh_from_db()
    assert (period.ends_on, period.ended_by) == (TODAY, cast.leader)


def test_end_by_others_is_forbidden_and_of_nothing_is_not_found(
    cast: Cast, now: datetime, client: Client
) -> None:
    url = reverse("watch_end", args=[running(cast, now).pk])

    assert signed_in(client, cast.clerk).post(url).status_code == 403
    assert client.post(reverse("watch_end", args=[999])).status_code == 404


# Reporting ----------------------------------------------------------------------------------


def send(client: Client, period: WatchPeriod, urgent: str, remark: str = "") -> Any:
    fields = {f"r{period.pk}-urgent": urgent, f"r{period.pk}-remark": remark}
    return client.post(reverse("watch_report", args=[period.pk]), fields)


def test_zero_is_reported_as_a_number(cast: Cast, now: datetime, client: Client) -> None:
    period = running(cast, now)

    assert send(signed_in(client, cast.street_clerk), period, "0").status_code == 302

    row = DailyReport.objects.get()
    assert (row.urgent, row.unit, row.day) == (0, cast.unit["street"], TODAY)


@pytest.mark.parametrize("urgent", ["", "-1", "many"])
def test_report_without_a_number_is_refused_and_keeps_the_remark(
    cast: Cast, now: datetime, client: Client, urgent: str
) -> None:
    answer = send(signed_in(client, cast.street_clerk), running(cast, now), urgent, "一切平稳")

    assert answer.status_code == 400
    assert "一切平稳" in answer.content.decode()
    assert not DailyReport.objects.exists()


@pytest.mark.parametrize("name", ["handler", "caller", "supervisor"])
def test_report_of_one_s_unit_that_owes_none_is_forbidden(
    cast: Cast, now: datetime, client: Client, name: str
) -> None:
    period = running(cast, now, unit_ids=[cast.unit["street"].pk])

    assert send(signed_in(client, cast.people[name]), period, "0").status_code == 403


def test_report_after_the_period_is_forbidden(cast: Cast, now: datetime, client: Client) -> None:
    period = running(cast, now)
    WatchPeriod.objects.update(starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 6))
    RuleBook._kept = None

    assert send(signed_in(client, cast.street_clerk), period, "0").status_code == 403


def test_remark_is_stored_enciphered(cast: Cast, now: datetime, client: Client) -> None:
    send(signed_in(client, cast.street_clerk), running(cast, now), "1", "王某扬言进京")

    with connection.cursor() as cursor:
        cursor.execute("SELECT remark FROM workflow_dailyreport")
        assert "王某" not in str(cursor.fetchone())


def test_table_shows_who_is_missing_after_the_hour(
    cast: Cast, now: datetime, client: Client, time_machine: Any
) -> None:
    period = running(cast, now)
    send(signed_in(client, cast.street_clerk), period, "2")
    time_machine.move_to(now.replace(hour=17))

    [table] = signed_in(client, cast.supervisor).get(PAGE).context["tables"]

    lamps = {line["unit"]: (line["row"] is not None, line["late"]) for line in table["lines"]}
    assert lamps == {"street甲": (True, False), "office甲": (False, True),
                     "department甲": (False, True)}  # fmt: skip
    assert (table["missing"], table["total"]) == (2, 2)


def test_table_of_a_unit_shows_that_unit_alone(cast: Cast, now: datetime, client: Client) -> None:
    running(cast, now)

    [table] = signed_in(client, cast.parent_head).get(PAGE).context["tables"]

    assert [line["unit"] for line in table["lines"]] == ["street甲"]


def test_page_costs_the_same_however_many_units_report(
    cast: Cast, now: datetime, client: Client
) -> None:
    period = running(cast, now)
    signed_in(client, cast.supervisor).get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as before:
        client.get(PAGE)
    for name in ("street", "office", "department"):
        DailyReport.objects.create(period=period, unit=cast.unit[name], day=TODAY, urgent=1,
                                   reported_by=cast.clerk, reported_at=now)  # fmt: skip

    with CaptureQueriesContext(connection) as after:
        client.get(PAGE)

    assert len(after) == len(before) <= 6


# The banner ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/cases/", "/inbox/", "/decisions/"])
def test_banner_costs_no_statement(cast: Cast, now: datetime, client: Client, path: str) -> None:
    reach(State.DISPATCHED, cast, now)
    signed_in(client, cast.dispatcher).get(path)
    with CaptureQueriesContext(connection) as without:
        client.get(path)
    running(cast, now)
    client.get(path)

    with CaptureQueriesContext(connection) as with_banner:
        shown = client.get(path).content.decode()

    assert 'class="watch"' in shown
    assert len(with_banner) == len(without)


def test_banner_is_gone_after_the_last_day(
    cast: Cast, now: datetime, client: Client, time_machine: Any
) -> None:
    running(cast, now)
    time_machine.move_to(now + timedelta(days=5))

    assert 'class="watch"' not in signed_in(client, cast.clerk).get("/cases/").content.decode()


def test_strangers_see_no_banner(cast: Cast, now: datetime, client: Client) -> None:
    running(cast, now)

    assert 'class="watch"' not in client.get("/progress/").content.decode()


# The notice ---------------------------------------------------------------------------------


def test_notice_of_missing_reports_leads_to_the_page(
    cast: Cast, now: datetime, client: Client, time_machine: Any
) -> None:
    running(cast, now)
    evening = now.replace(hour=17)
    time_machine.move_to(evening)
    watch.tell_missing(evening)
    delivery.deliver(evening)
    message = InboxMessage.objects.get(recipient=cast.supervisor)

    shown = signed_in(client, cast.supervisor).get("/inbox/").content.decode()
    answer = client.get(reverse("open_message", args=[message.pk]))

    assert "2026-11-23" in shown
    assert answer.url == PAGE
    message.refresh_from_db()
    assert message.read_at is not None


def test_notice_about_no_case_has_no_number_over_the_api(
    cast: Cast, now: datetime, client: Client
) -> None:
    running(cast, now)
    watch.tell_missing(now.replace(hour=17))
    delivery.deliver(now.replace(hour=17))

    [row] = signed_in(client, cast.supervisor).get("/api/v1/inbox/").json()["results"]

    assert row["number"] == ""
    assert "2026-11-23" in row["text"]


def test_log_shows_what_happened_to_no_case(cast: Cast, now: datetime, client: Client) -> None:
    running(cast, now)
    watch.tell_missing(now.replace(hour=17))

    shown = signed_in(client, cast.auditor).get("/").context["page"].rows

    assert shown[0]["subject"] == "—"


def test_why_this_date_names_the_period(cast: Cast, now: datetime, client: Client) -> None:
    rule = RuleBook.current().rule("DISPATCH", "", TODAY)
    running(cast, now, lengths={rule: 3})
    case = reach(State.REGISTERED, cast, now)

    url = reverse("case", args=[case.number])

    assert "重点时期“两会”" in signed_in(client, cast.clerk).get(url).content.decode()
