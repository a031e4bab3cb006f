"""The pages on which a unit keeps its charges and teams."""

from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Charge, Team, TeamMember
from tests.cast import Cast
from tests.factories import CategoryFactory, ChargeFactory, MemberFactory, TeamFactory

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def head(cast: Cast, client: Client) -> Client:
    """The head of the street, above the community."""
    client.force_login(cast.parent_head)
    return client


@pytest.fixture
def charge(cast: Cast) -> Charge:
    """The handler's, over everything in the community."""
    found: Charge = ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    return found


def filled(**facts: Any) -> dict[str, Any]:
    usual = {"cadre": "", "team": "", "category": "", "area": "", "valid_to": "", "basis": ""}
    return {**usual, "valid_from": "2026-12-01", **facts}


def new_url(cast: Cast, unit: str = "community") -> str:
    return f"{reverse('charge_new')}?unit={cast.unit[unit].pk}"


# Who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "unit", "status"),
    [
        ("parent_head", "community", 302),
        ("head", "community", 302),
        ("head", "street", 403),
        ("parent_head", "department", 403),
        ("sysadmin", "department", 302),
        ("dispatcher", "community", 403),
        ("handler", "community", 403),
    ],
)
def test_charge_is_added_by_the_head_of_the_unit_or_above_and_the_administrator(
    cast: Cast, client: Client, name: str, unit: str, status: int
) -> None:
    client.force_login(cast.people[name])

    assert client.post(new_url(cast, unit), filled()).status_code == status
    assert Charge.objects.count() == (status == 302)


def test_pages_are_read_by_whoever_has_a_role(cast: Cast, client: Client) -> None:
    team = MemberFactory().team
    client.force_login(cast.clerk)

    pages = [reverse(name) for name in ("charges", "charge_matrix", "teams")]
    assert [client.get(page).status_code for page in (*pages, f"/teams/{team.pk}/")] == [200] * 4
    assert client.get(reverse("charge_import")).status_code == 403


@pytest.mark.parametrize("page", ["charge_change", "charge_end"])
def test_charge_of_another_unit_is_not_changed(
    cast: Cast, client: Client, charge: Charge, page: str
) -> None:
    client.force_login(cast.office_head)

    assert client.post(reverse(page, args=[charge.pk]), filled()).status_code == 403


def test_charge_that_is_not_there_is_404(head: Client) -> None:
    assert head.get(reverse("charge_change", args=[99])).status_code == 404


# Adding, changing, ending --------------------------------------------------------------------


def test_whoever_keeps_several_units_chooses_one(head: Client, cast: Cast) -> None:
    answer = head.get(reverse("charge_new"))

    assert {unit.code for unit in answer.context["units"]} == {"street", "community"}


def test_added_charge_is_stored_with_its_day(head: Client, cast: Cast) -> None:
    sent = filled(cadre=cast.handler.pk, category="城乡建设", area="八宝山街道", basis="3号")
    head.post(new_url(cast), sent)

    stored = Charge.objects.get()
    assert (stored.cadre, stored.category, stored.area) == (cast.handler, cast.category, cast.area)
    assert (stored.valid_from, stored.basis) == (date(2026, 12, 1), "3号")


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("valid_to", {"valid_to": "2026-11-30"}),
        ("valid_from", {"valid_from": ""}),
        ("category", {"category": "没有的分类"}),
        ("cadre", {"cadre": "999999"}),
    ],
)
def test_charge_that_can_not_stand_says_so_at_its_field_and_keeps_what_was_typed(
    head: Client, cast: Cast, field: str, facts: dict[str, Any]
) -> None:
    answer = head.post(new_url(cast), filled(basis="我写的依据", **facts))

    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert "我写的依据" in answer.content.decode()


def test_charge_for_a_team_of_nobody_is_refused(head: Client, cast: Cast) -> None:
    team = TeamFactory(unit=cast.unit["community"])

    answer = head.post(new_url(cast), filled(team=team.pk))

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["team"])
    assert not Charge.objects.exists()


def test_change_keeps_what_was(head: Client, cast: Cast, charge: Charge) -> None:
    sent = filled(cadre=cast.stand_in.pk)
    answer = head.post(reverse("charge_change", args=[charge.pk]), sent)

    assert answer.status_code == 302
    rows = Charge.objects.order_by("pk").values_list("cadre", "valid_from", "valid_to")
    assert list(rows) == [
        (cast.handler.pk, date(2024, 1, 1), date(2026, 11, 30)),
        (cast.stand_in.pk, date(2026, 12, 1), None),
    ]


def test_change_of_the_past_is_refused_at_the_day(head: Client, charge: Charge) -> None:
    url = reverse("charge_change", args=[charge.pk])

    answer = head.post(url, filled(valid_from="2026-11-22"))

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["valid_from"])


def test_end_gives_the_last_day(head: Client, charge: Charge) -> None:
    head.post(reverse("charge_end", args=[charge.pk]), {"valid_to": "2026-12-31"})

    charge.refresh_from_db()
    assert charge.valid_to == date(2026, 12, 31)


# Looking -------------------------------------------------------------------------------------


def test_list_shows_the_charges_of_the_day(head: Client, cast: Cast, charge: Charge) -> None:
    head.post(reverse("charge_change", args=[charge.pk]), filled(cadre=cast.stand_in.pk))

    def who(query: str) -> list[str]:
        rows = head.get(f"{reverse('charges')}?{query}").context["rows"]
        return [str(one["row"].cadre) for one in rows]

    assert who("") == ["承办人"]
    assert who("day=2026-12-01") == ["代班人"]
    assert who("when=later") == ["代班人"]
    assert who("day=2026-12-01&when=over") == ["承办人"]
    assert who("unit=department") == []


def test_list_of_a_matter_says_who_would_be_proposed(
    head: Client, cast: Cast, charge: Charge
) -> None:
    answer = head.get(f"{reverse('charges')}?category=T1")

    assert [one["cadre"] for one in answer.context["proposed"]] == ["承办人"]


def test_list_asks_the_same_for_two_charges_and_for_forty(head: Client, cast: Cast) -> None:
    counts = []
    for many in (2, 38):
        for _n in range(many):
            ChargeFactory(unit=cast.unit["community"], category=CategoryFactory())
        head.get(reverse("charges"))
        with CaptureQueriesContext(connection) as asked:
            head.get(reverse("charges"))
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 6


def test_matrix_page_leads_from_a_gap_to_its_charges(head: Client, cast: Cast) -> None:
    answer = head.get(reverse("charge_matrix"))

    [row] = answer.context["rows"]
    assert [cell["kind"] for cell in row["cells"]] == ["gap"]
    assert head.get(row["cells"][0]["url"]).context["look"].category.code == "T1"


# Teams ---------------------------------------------------------------------------------------


def found(head: Client, cast: Cast, **facts: Any) -> Any:
    sent = {"name": "北街区", "kind": "block", "lead": cast.handler.pk, "valid_from": "2026-11-23"}
    url = f"{reverse('team_new')}?unit={cast.unit['street'].pk}"
    return head.post(url, {**sent, **facts})


def test_team_is_founded_with_its_lead_and_takes_in_members(head: Client, cast: Cast) -> None:
    found(head, cast)
    team = Team.objects.get()

    head.post(
        reverse("team", args=[team.pk]), {"cadre": cast.stand_in.pk, "valid_from": "2026-12-01"}
    )

    rows = TeamMember.objects.order_by("pk").values_list("cadre__username", "is_lead")
    assert list(rows) == [("handler", True), ("stand_in", False)]


def test_team_of_a_lead_from_elsewhere_is_not_founded(head: Client, cast: Cast) -> None:
    answer = found(head, cast, lead=cast.stranger.pk)

    assert answer.status_code == 400
    assert not Team.objects.exists()


def test_team_twice_of_one_name_is_refused(head: Client, cast: Cast) -> None:
    found(head, cast)

    assert found(head, cast).status_code == 400
    assert Team.objects.count() == 1


def test_member_leaves_and_the_team_is_dissolved(head: Client, cast: Cast) -> None:
    member = MemberFactory(team__unit=cast.unit["street"])
    last = {"valid_to": "2026-11-30"}

    head.post(reverse("team_leave", args=[member.team_id, member.pk]), last)
    head.post(reverse("team_dissolve", args=[member.team_id]), last)

    member.refresh_from_db()
    assert member.valid_to == date(2026, 11, 30)


def test_team_is_changed_by_its_keepers_only(cast: Cast, client: Client) -> None:
    member = MemberFactory(team__unit=cast.unit["street"])
    client.force_login(cast.head)
    urls = [
        reverse("team", args=[member.team_id]),
        reverse("team_leave", args=[member.team_id, member.pk]),
        reverse("team_dissolve", args=[member.team_id]),
    ]

    assert [client.post(url, {}).status_code for url in urls] == [403] * 3


# From a sheet --------------------------------------------------------------------------------


def test_sheet_is_taken_for_one_s_own_units_alone(head: Client, cast: Cast, now: datetime) -> None:
    rows = "单位,内容分类,起始日期\ncommunity甲,全部,2026-12-01\ndepartment甲,全部,2026-12-01\n"
    file = SimpleUploadedFile("分管.csv", rows.encode())

    answer = head.post(reverse("charge_import"), {"file": file})

    assert answer.context["taken"].added == 1
    assert [one.number for one in answer.context["refused"]] == [3]


def test_file_that_is_no_sheet_is_refused_at_its_field(head: Client) -> None:
    file = SimpleUploadedFile("分管.xlsx", b"\x00\x01\x02")

    answer = head.post(reverse("charge_import"), {"file": file})

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["file"])
