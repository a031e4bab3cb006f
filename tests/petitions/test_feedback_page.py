"""The page on which a clerk or dispatcher hands back to the city, and what the case's page tells
of the city's order.
"""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from petitions.exchange.filings import Mode
from petitions.exchange.importing import Order, import_file
from petitions.models import FeedbackFile, Petition, Reveal
from petitions.views import feedback
from tests.cast import Cast
from tests.petitions.exchange.order_sheets import ORDERS, city_order
from tests.petitions.exchange.sheets import write_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def received(cast: Cast, now: datetime, settings: Any, tmp_path: Path) -> Any:
    """Takes in an order with these cells; gives its case."""
    settings.DATA_DIR = tmp_path

    def receive(number: str = "SJ1", **cells: Any) -> Petition:
        path = write_csv(tmp_path / "orders.csv", ORDERS, city_order(number, **cells))
        import_file(path, Order(Mode.NEW), now=now)
        return Petition.objects.get(source_key=number)

    return receive


def signed_in(client: Client, cast: Cast, name: str) -> Client:
    client.cookies["xinfang_language"] = "en"
    client.force_login(cast.people[name])
    return client


def make(client: Client, **sent: str) -> Any:
    return client.post(reverse("feedback"), sent, follow=True)


def take(client: Client, kind: str) -> Any:
    return client.get(reverse("feedback_file", args=[FeedbackFile.objects.get().pk, kind]))


# Handing back -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clerk", "dispatcher"])
def test_feedback_makes_a_file_and_lists_it(
    client: Client, cast: Cast, received: Any, name: str
) -> None:
    received()

    page = make(signed_in(client, cast, name)).content.decode()

    made = FeedbackFile.objects.get()
    assert (made.rows, made.made_by) == (1, cast.people[name])
    assert "1 order is in the new file." in page
    assert reverse("feedback_file", args=[made.pk, "xlsx"]) in page


def test_feedback_without_news_says_so(client: Client, cast: Cast) -> None:
    page = make(signed_in(client, cast, "clerk")).content.decode()

    assert "There is nothing new to hand back." in page


def test_feedback_of_more_than_a_page_makes_says_so(
    client: Client, cast: Cast, received: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MOST_ROWS", 1)
    received("SJ1"), received("SJ2")

    page = make(signed_in(client, cast, "clerk")).content.decode()

    assert "There may be more: make the next file, too." in page


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"since": "2026-11-20", "until": "2026-11-01"}, "until"),
        ({"everything": "on"}, "since"),
        ({"since": "soon"}, "since"),
    ],
)
def test_feedback_of_an_impossible_span_is_refused_at_its_field(
    client: Client, cast: Cast, sent: dict[str, str], field: str
) -> None:
    answer = make(signed_in(client, cast, "clerk"), **sent)

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]


@pytest.mark.parametrize("name", ["handler", "liaison", "auditor", "sysadmin", "leader"])
def test_feedback_is_for_clerks_and_dispatchers_only(
    client: Client, cast: Cast, received: Any, name: str
) -> None:
    received()
    make(signed_in(client, cast, "clerk"))
    signed_in(client, cast, name)

    answers = [client.get(reverse("feedback")), take(client, "csv")]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_feedback_file_as_csv_comes_line_by_line(client: Client, cast: Cast, received: Any) -> None:
    received()
    make(signed_in(client, cast, "clerk"))

    answer = take(client, "csv")

    lines = b"".join(answer.streaming_content).decode().split("\r\n")
    assert lines[0].startswith("\ufeff格式版本,")
    assert lines[1].startswith("1,2026-11-23 09:00:00,SJ1,")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''12345")


def test_feedback_file_as_excel_is_one(client: Client, cast: Cast, received: Any) -> None:
    received()
    make(signed_in(client, cast, "clerk"))

    answer = take(client, "xlsx")

    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as package:
        assert "SJ1" in package.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("kind", ["txt", "xls"])
def test_feedback_file_of_another_kind_is_not_there(
    client: Client, cast: Cast, received: Any, kind: str
) -> None:
    received()
    make(signed_in(client, cast, "clerk"))

    assert take(client, kind).status_code == 404


def test_feedback_file_holds_only_what_its_reader_may_see(
    client: Client, cast: Cast, received: Any
) -> None:
    received()
    make(signed_in(client, cast, "clerk"))
    signed_in(client, cast, "street_clerk")

    answer = take(client, "csv")

    assert b"SJ1" not in b"".join(answer.streaming_content)


def test_feedback_page_costs_the_same_with_many_files(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    signed_in(client, cast, "clerk")
    client.get(reverse("feedback"))
    counts = []
    for more in (1, 20):
        for _ in range(more):
            FeedbackFile.objects.create(made_at=now, made_by=cast.clerk, rows=1)
        with django_assert_max_num_queries(8) as queries:
            client.get(reverse("feedback"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


# The case that came as an order -------------------------------------------------------------


def page_of(client: Client, case: Petition) -> str:
    return client.get(case.get_absolute_url()).content.decode()


def test_case_shows_the_order_number_with_its_source(
    client: Client, cast: Cast, received: Any
) -> None:
    page = page_of(signed_in(client, cast, "clerk"), received())

    assert '<span class="num">SJ1</span>' in page
    assert "Work orders of the city&#x27;s 12345 platform" in page
    assert "供暖-&gt;温度不达标" in page


def test_case_shows_what_the_city_changed_with_persons_masked(
    client: Client, cast: Cast, received: Any
) -> None:
    received()
    case = received(备注="催办", 联系电话="13800001111")

    page = page_of(signed_in(client, cast, "clerk"), case)

    assert "The city sent this order again on" in page
    assert "催办" in page
    assert ("13800001111" in page, "138****1111" in page) == (False, True)


def test_case_reveals_the_order_s_telephone_for_a_reason(
    client: Client, cast: Cast, received: Any
) -> None:
    case = received(联系电话="68600000转8")
    signed_in(client, cast, "clerk")
    assert "68600000转8" not in page_of(client, case)

    answer = client.post(reverse("reveal", args=[case.number, "order_phone"]), {"usual": "call"})

    assert "68600000转8" in answer.content.decode()
    assert Reveal.objects.get().field == "order_phone"


@pytest.mark.parametrize("text", ["SJ20261123000123", "sj20261123000123", " ＳＪ20261123000123"])
def test_search_finds_a_case_by_its_order_number(cast: Cast, received: Any, text: str) -> None:
    case = received("SJ20261123000123")

    assert Petition.objects.search(text).get() == case


def test_search_finds_an_order_whose_number_looks_like_ours(cast: Cast, received: Any) -> None:
    ours = received("SJ1")
    case = received(ours.number.replace("-", ""))

    assert set(Petition.objects.search(case.source_key)) == {ours, case}


def test_search_by_order_number_shows_no_sealed_case(cast: Cast, received: Any) -> None:
    received("SJ7", 诉求性质="举报")

    assert not Petition.objects.visible_to(cast.clerk).search("SJ7").exists()
