"""The registration page: what a window takes down, what it refuses, and the slip."""

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from stdnum.cn import ric

from petitions.models import Petition, Reveal, Visit
from tests.driving import new_case

PDF = b"%PDF-1.4 letter"
VALID_ID = "110107199003071231"
WRONG_ID = "110107199003071230"
SIX = ["赵一", "钱二", "孙三", "李四", "周五", "吴六"]


@pytest.fixture
def desk(cast, now, client):
    client.force_login(cast.clerk)
    return client


def typed(**other: Any) -> dict[str, Any]:
    """The least that registers a walk-in, and whatever else a test types."""
    return {
        "channel": "VISIT",
        "received_at": "2026-11-23T08:50",
        "name": "张桂兰",
        "demand": "家里的暖气一直不热。",
        "problem_area": "八宝山街道",
        **other,
    }


def speakers(*names: str, **first: str) -> dict[str, str]:
    """Rows of representatives; `first` adds to the first row."""
    rows = {"representatives-TOTAL_FORMS": str(len(names)), "representatives-INITIAL_FORMS": "0"}
    rows |= {f"representatives-{place}-name": name for place, name in enumerate(names)}
    return rows | {f"representatives-0-{key}": value for key, value in first.items()}


def send(client: Client, **other: Any) -> Any:
    return client.post(reverse("register"), typed(**other))


def test_the_numbers_of_these_tests_are_what_they_claim():
    assert ric.is_valid(VALID_ID)
    assert not ric.is_valid(WRONG_ID)


# What is taken ------------------------------------------------------------------------------


def test_register_with_name_demand_and_place_leads_to_the_slip(desk):
    answer = send(desk)

    case = Petition.objects.get()
    assert answer.url == reverse("slip", args=[case.number])
    assert (case.petitioner.name, case.demand) == ("张桂兰", "家里的暖气一直不热。")


def test_register_counts_from_the_moment_of_receipt(desk, now):
    send(desk, received_at="2026-11-20T10:00")

    case = Petition.objects.get()
    assert case.received_at.date() == date(2026, 11, 20)
    assert case.registered_at == now


def test_register_anonymous_needs_no_name(desk):
    send(desk, name="", is_anonymous="on")

    assert Petition.objects.get().petitioner.is_anonymous


def test_register_keeps_claim_points_one_a_line(desk):
    send(desk, points="暖气不热\n\n退还供暖费")

    assert [point.text for point in Petition.objects.get().current_points] == [
        "暖气不热",
        "退还供暖费",
    ]


def test_register_writes_down_the_visit(desk, cast):
    send(desk, head_count="7", window="3号")

    visit = Visit.objects.get()
    assert (visit.kind, visit.head_count, visit.window) == ("FILING", 7, "3号")
    assert visit.received_by == cast.clerk


def test_register_with_five_representatives_keeps_them_all(desk):
    send(desk, **speakers(*SIX[:5], id_number=VALID_ID))

    case = Petition.objects.get()
    people = [one.petitioner for one in case.representatives.all()]
    assert case.is_joint
    assert [one.name for one in people] == SIX[:5]
    assert people[0].id_number == VALID_ID


def test_register_stores_files_sealed(desk, cast):
    send(desk, files=[SimpleUploadedFile("信.pdf", PDF), SimpleUploadedFile("二.pdf", PDF)])

    stored = list(Petition.objects.get().attachments.all())
    assert [one.name for one in stored] == ["信.pdf", "二.pdf"]
    assert stored[0].file.open().read() == PDF
    assert stored[0].uploaded_by == cast.clerk


@pytest.mark.parametrize("place", ["八宝山街道", "八宝山", "110107001000"])
def test_register_finds_the_place_by_name_part_or_code(desk, cast, place):
    send(desk, problem_area=place)

    assert Petition.objects.get().problem_area == cast.area


def test_register_as_a_repeat_names_the_first_petition(desk, cast, now):
    first = new_case(cast, now)

    send(desk, repeats=first.number)

    again = Petition.objects.exclude(pk=first.pk).get()
    assert (again.is_repeat, again.first_petition) == (True, first)


def test_register_sent_twice_is_registered_once(desk):
    answers = [send(desk, entry="ab12") for _press in range(2)]

    assert Petition.objects.count() == 1
    assert answers[0].url == answers[1].url


# What is refused, at its field ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("id_number", WRONG_ID, "one of the digits is mistyped"),
        ("problem_area", "月球街道", "No street or community of ours is called “月球街道”"),
        ("problem_area", "", "This field is required"),
        ("received_at", "2026-11-24T10:00", "received in the future"),
        ("name", "", "Enter the name"),
        ("demand", "", "This field is required"),
        ("phone", "12345", "12345 is a service line"),
        ("head_count", "0", "greater than or equal to 1"),
        ("repeats", "2026-000001-0", "There is no such case"),
        ("category", "没有的类别", "No category is called “没有的类别”"),
        ("accused_unit", "没有的单位", "No unit is called “没有的单位”"),
        (
            "points",
            "一点\n" * 21,
            "At most 20 claim points",
        ),
    ],
)
def test_register_with_a_wrong_field_says_so_at_the_field(desk, field, value, sentence):
    desk.cookies["xinfang_language"] = "en"

    answer = send(desk, **{field: value})

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert sentence in unescape(answer.content.decode())
    assert not Petition.objects.exists()


def test_register_with_a_sixth_representative_says_so_at_the_sixth(desk):
    desk.cookies["xinfang_language"] = "en"

    answer = send(desk, **speakers(*SIX))

    rows = answer.context["representatives"].forms
    assert answer.status_code == 400
    assert [bool(row.errors) for row in rows] == [False] * 5 + [True]
    assert "at most five representatives" in answer.content.decode()
    assert not Petition.objects.exists()


def test_register_with_a_wrong_number_of_a_representative_says_so_there(desk):
    answer = send(desk, **speakers("赵一", id_number=WRONG_ID))

    assert list(answer.context["representatives"].forms[0].errors) == ["id_number"]
    assert not Petition.objects.exists()


def test_register_with_a_file_that_is_not_what_it_says_names_it(desk):
    desk.cookies["xinfang_language"] = "en"

    answer = send(desk, files=[SimpleUploadedFile("photo.jpg", PDF)])

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["files"]
    assert "photo.jpg: The file is not what its name says" in answer.content.decode()
    assert not Petition.objects.exists()


def test_register_of_somebody_reachable_refuses_unreachable(desk):
    answer = send(desk, phone="13800138000", unreachable="on")

    assert list(answer.context["form"].errors) == ["unreachable"]


def test_register_with_a_mistake_keeps_everything_typed(desk):
    answer = send(desk, id_number=WRONG_ID, points="暖气不热", **speakers("赵一"))

    page = answer.content.decode()
    assert all(text in page for text in ("张桂兰", "家里的暖气一直不热。", "暖气不热", "赵一"))


def test_register_by_somebody_else_is_forbidden(cast, client):
    client.force_login(cast.handler)

    assert client.get(reverse("register")).status_code == 403
    assert client.post(reverse("register"), typed()).status_code == 403


def test_register_signed_out_leads_to_the_login(db, client):
    assert client.get(reverse("register")).url.startswith("/login/")


# Accusations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accusing",
    [{"petition_class": "ACCUSATION"}, {"accused_name": "某人"}, {"purpose": "ACCUSATION"}],
)
def test_register_an_accusation_seals_it_from_the_first_key(desk, accusing):
    answer = send(desk, **accusing)

    case = Petition.objects.get()
    assert case.sealed
    assert desk.get(answer.url).status_code == 200
    assert desk.get(reverse("reveal", args=[case.number, "name"])).status_code == 404


def test_register_an_accusation_recognises_the_accused_s_own_account(desk, cast):
    send(desk, accused_name="被反映人")

    assert Petition.objects.get().accused_cadre == cast.accused


def test_slip_of_an_accusation_can_t_be_printed_by_another_clerk(desk, cast, client):
    answer = send(desk, petition_class="ACCUSATION")
    client.force_login(cast.street_clerk)

    assert client.get(answer.url).status_code == 404


# The slip -----------------------------------------------------------------------------------


def test_slip_shows_the_rating_code_once(desk):
    address = send(desk).url

    first, second = (desk.get(address).context["rating_code"] for _look in range(2))

    assert Petition.objects.get().rating_code_is(first)
    assert second == ""


def test_slip_keeps_no_plain_rating_code_in_the_session(desk):
    address = send(desk).url
    kept = str(dict(desk.session.items()))

    assert desk.get(address).context["rating_code"] not in kept


def test_slip_printed_again_is_logged(desk, cast, now):
    case = new_case(cast, now)

    page = desk.get(reverse("slip", args=[case.number]))

    assert page.context["query_code"] == case.query_code
    assert (Reveal.objects.get().field, Reveal.objects.get().cadre) == ("query_code", cast.clerk)


def test_slip_printed_again_by_others_than_the_desk_is_forbidden(cast, now, client):
    case = new_case(cast, now)
    client.force_login(cast.leader)

    assert client.get(reverse("slip", args=[case.number])).status_code == 403
    assert not Reveal.objects.exists()


# Known already ------------------------------------------------------------------------------


def test_known_finds_earlier_cases_of_the_same_telephone(desk, cast, now):
    case = new_case(cast, now)

    page = desk.post(reverse("known"), {"phone": "138 1234 5678"}).content.decode()

    assert case.number in page


def test_known_shows_nothing_sealed(desk, cast, now):
    case = new_case(cast, now, "accusation")

    page = desk.post(reverse("known"), {"name": "王建国", "phone": "13812345678"}).content.decode()

    assert case.number not in page


def test_known_is_asked_by_post_only(desk):
    assert desk.get(reverse("known")).status_code == 405


def test_known_signed_out_puts_no_login_page_into_the_form(db, client):
    assert client.post(reverse("known"), {"name": "王建国"}).status_code == 401


def test_register_page_asks_the_same_however_many_cases_are_known(
    desk, cast, now, django_assert_num_queries
):
    counts = []
    for many in (2, 8):
        for _case in range(many):
            new_case(cast, now - timedelta(days=1))
        with django_assert_num_queries(30, exact=False) as asked:
            desk.post(reverse("known"), {"phone": "13812345678"})
        counts.append(len(asked))

    assert counts[0] == counts[1]
