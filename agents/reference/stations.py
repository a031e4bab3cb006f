"""The demo district's agency stations: the centre, one station a street. Invented telephones."""

from agents.models import Station, Unit

ADDRESS, HOURS = "{name}一层群众接待大厅", "周一至周五 9:00-12:00，13:30-17:30"
KINDS = {
    Unit.Kind.OFFICE: (Station.Kind.CENTRE, "{name}代理中心"),
    Unit.Kind.STREET: (Station.Kind.STATION, "{name}代理站"),
}


def build_demo_stations() -> None:
    """Make those that are missing, at the units whose place is of the level that they serve."""
    known = set(Station.objects.values_list("name", flat=True))
    units = Unit.objects.filter(kind__in=KINDS).select_related("area").order_by("code")
    rows = []
    for number, unit in enumerate(units, start=1):
        kind, name = KINDS[Unit.Kind(unit.kind)]
        fits = unit.area is not None and unit.area.level == Station.LEVELS[kind]
        if fits and name.format(name=unit.name) not in known:
            rows.append(
                Station(
                    kind=kind,
                    name=name.format(name=unit.name),
                    unit=unit,
                    area=unit.area,
                    address=ADDRESS.format(name=unit.name),
                    phone=f"010-8860{number:04}",
                    hours=HOURS,
                )
            )
    Station.objects.bulk_create(rows)
