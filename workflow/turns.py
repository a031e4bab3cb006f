"""Work that one process at a time does; a turn in dead hands ends with its lease."""

from __future__ import annotations

from datetime import datetime, timedelta

from workflow.models import Turn


def take_turn(name: str, now: datetime, lease: timedelta) -> bool:
    """Take the turn if it is free."""
    until = now + lease
    if Turn.objects.filter(name=name, until__lte=now).update(until=until):
        return True
    return Turn.objects.get_or_create(name=name, defaults={"until": until})[1]


def hold_turn(name: str, now: datetime, lease: timedelta) -> None:
    """Go on with it for another lease."""
    Turn.objects.filter(name=name).update(until=now + lease)


def end_turn(name: str, now: datetime) -> None:
    """Leave it to the next."""
    Turn.objects.filter(name=name).update(until=now)
