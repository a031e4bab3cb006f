"""A demo district: units, invented cadres with their logins, charges. Never loaded by `prepare`.

Nobody in it exists. All accounts share one password, so an office must start without it
(`found_office`) and may look at this one as a pattern.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from agents.models import (
    Absence,
    Area,
    Cadre,
    Category,
    Charge,
    RoleGrant,
    Team,
    TeamMember,
    Unit,
)
from agents.reference.stations import build_demo_stations
from agents.reference.trees import Loaded, read_rows
from agents.roles import STAFF_ROLES, Role

DEMO_PASSWORD = "demo"  # noqa: S105 - meant to be known

# The login of each role, in the order of the role table; `bin/run` prints them.
LOGINS: dict[Role, str] = {
    Role.CLERK: "clerk",
    Role.DISPATCHER: "dispatcher",
    Role.HANDLER: "handler",
    Role.AGENT: "agent",
    Role.UNIT_HEAD: "head",
    Role.CALLER: "caller",
    Role.SUPERVISOR: "supervisor",
    Role.REVIEW_OFFICER: "reviewer",
    Role.LEADER: "leader",
    Role.LIAISON: "liaison",
    Role.SYSTEM_ADMIN: "sysadmin",
    Role.SECURITY_ADMIN: "secadmin",
    Role.AUDITOR: "auditor",
}

COMMUNITY_ROLES = (Role.UNIT_HEAD, Role.HANDLER, Role.AGENT)
NEIGHBOUR_DISPUTES = "2401"  # 邻里纠纷, in the hands of each community
CHARGED_SINCE = date(2024, 1, 1)

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
_GIVEN = [
    "桂兰", "建民", "淑珍", "国强", "秀云", "德明", "玉华", "志刚", "春香", "永福",
    "雅琴", "文斌", "丽娟", "少军", "月英", "成林", "素梅", "海涛", "凤霞",
]  # fmt: skip


@transaction.atomic
def build_demo_district(on: date) -> Loaded:
    """Make what is missing of the district; areas and categories must be loaded before.

    `on` is the day around which one handler is away. The counts are of cadres.
    """
    _build_units()
    build_demo_stations()
    loaded = _build_cadres()
    if not Charge.objects.exists():
        _build_charges()
        _build_teams()
    _build_absence(on)
    return loaded


def demo_logins() -> list[tuple[str, str, str]]:
    """(role label, user name, password), one a role, in the language active now."""
    return [(str(role.label), name, DEMO_PASSWORD) for role, name in LOGINS.items()]


def _build_units() -> None:
    units = {unit.code: unit for unit in Unit.objects.all()}
    areas = {area.code: area for area in Area.objects.all()}
    for row in [*read_rows("demo_units.csv"), *_communities(areas.values())]:
        if row["code"] not in units:
            units[row["code"]] = Unit.objects.create(
                code=row["code"],
                name=row["name"],
                kind=row["kind"],
                parent=units.get(row["parent"]),
                oversees=units.get(row.get("oversees", "")),
                area=areas[row["area"]],
                is_last_resort=bool(row.get("is_last_resort")),
            )


def _communities(areas: Iterable[Area]) -> Iterator[dict[str, str]]:
    """One unit for each community of the district, below its street."""
    for area in areas:
        if area.level == Area.Level.COMMUNITY:
            yield {
                "code": area.code,
                "name": area.name,
                "kind": Unit.Kind.COMMUNITY,
                "parent": area.code[:9],
                "area": area.code,
            }


def _build_cadres() -> Loaded:
    units = {unit.code: unit for unit in Unit.objects.order_by("code")}
    known = set(Cadre.objects.values_list("username", flat=True))
    rows = [*read_rows("demo_cadres.csv"), *_secretaries(units)]
    missing = [row for row in rows if row["username"] not in known]
    password = make_password(DEMO_PASSWORD)  # hashed once: 230 times would take minutes
    cadres = [
        Cadre(
            username=row["username"],
            name=row["name"],
            unit=units.get(row["unit"]),
            title=row["title"],
            password=password,
            is_staff=not STAFF_ROLES.isdisjoint(row["roles"].split()),
        )
        for row in missing
    ]
    Cadre.objects.bulk_create(cadres)
    RoleGrant.objects.bulk_create(
        RoleGrant(cadre=cadre, role=Role(role).value)
        for cadre, row in zip(cadres, missing, strict=True)
        for role in row["roles"].split()
    )
    return Loaded(created=len(missing), known=len(rows) - len(missing))


def _secretaries(units: dict[str, Unit]) -> Iterator[dict[str, str]]:
    """The secretary of each community: its head, handler and agent in one person."""
    heads = {row["unit"]: row["username"] for row in read_rows("demo_cadres.csv")}
    communities = [unit for unit in units.values() if unit.kind == Unit.Kind.COMMUNITY]
    for number, unit in enumerate(communities):
        street = heads[unit.code[:9]].removesuffix("_clerk")
        surname = _SURNAMES[number * 7 % len(_SURNAMES)]
        yield {
            "username": f"{street}_{unit.code[9:]}",
            "name": surname + _GIVEN[number % len(_GIVEN)],
            "unit": unit.code,
            "title": "社区党委书记",
            "roles": " ".join(COMMUNITY_ROLES),
        }


def _build_charges() -> None:
    units = {unit.code: unit for unit in Unit.objects.select_related("area")}
    cadres = {cadre.username: cadre for cadre in Cadre.objects.all()}
    scheme = Category.objects.filter(scheme=Category.PROPOSED)
    categories = {category.code: category for category in scheme}
    areas = {area.code: area for area in Area.objects.all()}
    charges = [
        Charge(
            unit=units[row["unit"]],
            cadre=cadres.get(row["cadre"]),
            category=categories[row["category"]],
            area=areas.get(row["area"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            basis=row["basis"],
        )
        for row in read_rows("demo_charges.csv")
    ]
    charges += [
        Charge(
            unit=unit,
            category=categories[NEIGHBOUR_DISPUTES],
            area=unit.area,
            valid_from=CHARGED_SINCE,
            basis="演示：社区工作事项清单",
        )
        for unit in units.values()
        if unit.kind == Unit.Kind.COMMUNITY
    ]
    Charge.objects.bulk_create(charges)


def _build_teams() -> None:
    """A block, a walking team and a service group, each with a charge over its street."""
    units = {unit.code: unit for unit in Unit.objects.select_related("area")}
    cadres = {cadre.username: cadre for cadre in Cadre.objects.all()}
    scheme = Category.objects.filter(scheme=Category.PROPOSED)
    categories = {category.code: category for category in scheme}
    for row in read_rows("demo_teams.csv"):
        unit = units[row["unit"]]
        team = Team.objects.create(unit=unit, name=row["name"], kind=row["kind"])
        TeamMember.objects.bulk_create(
            TeamMember(team=team, cadre=cadres[name], is_lead=lead, valid_from=CHARGED_SINCE)
            for names, lead in ((row["lead"], True), (row["members"], False))
            for name in names.split()
        )
        Charge.objects.create(
            unit=unit,
            team=team,
            category=categories[row["category"]],
            area=unit.area,
            valid_from=CHARGED_SINCE,
            basis="演示：街区与工作组分工",
        )


def _build_absence(on: date) -> None:
    """A handler of Lugu is away this week, so that a stand-in can be seen."""
    away = Cadre.objects.get(username="lugu_wen")
    if not away.absences.exists():
        Absence.objects.create(
            cadre=away,
            stand_in=Cadre.objects.get(username="lugu_niu"),
            starts_on=on - timedelta(days=1),
            ends_on=on + timedelta(days=5),
            reason="培训",
        )
