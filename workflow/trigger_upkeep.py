"""A new version of a trigger of supervision, in force from a day on: checked, stored, logged."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.models import Stamp
from workflow.actors import Actor
from workflow.audiences import AUDIENCES
from workflow.calendar import day_of
from workflow.errors import InvalidData
from workflow.models import RuleChange, Trigger
from workflow.rule_upkeep import next_version, require_unchanged
from workflow.terms import RULES
from workflow.triggers import THRESHOLDS

EDITABLE = (
    "valid_from", "active", "action", "threshold", "tell", "reason_code", "demand", "name",
    "name_en", "basis", "basis_en",
)  # fmt: skip
"""What a new version may say otherwise. Event, condition and terms are the machine's."""


def version_of(base: Trigger, **said: Any) -> Trigger:
    """The next version of a trigger, unsaved; what is not said stays as it was."""
    return next_version(base, EDITABLE, said)


def versions(trigger: Trigger) -> QuerySet[Trigger]:
    """All stored versions of that trigger, the newest first."""
    return Trigger.objects.filter(code=trigger.code).order_by("-valid_from")


def shown(today: date) -> list[Trigger]:
    """What is in force on that day and what comes after it. One query."""
    known = Trigger.objects.order_by("event", "code", "valid_from")
    return [one for one in known if one.valid_to is None or one.valid_to >= today]


def problems(new: Trigger, latest: Trigger, today: date) -> list[tuple[str, str]]:
    """What is wrong with a version, as pairs of field and sentence. No query."""
    found = []
    if new.valid_from < today:
        found.append(("valid_from", _("What has happened was judged already: from today on.")))
    elif latest.valid_from >= new.valid_from:
        sentence = _("A version is in force from %(from)s already: this one would overlap it.")
        found.append(("valid_from", sentence % {"from": latest.valid_from}))
    limits = THRESHOLDS.get(new.condition)
    if limits and new.threshold not in limits:
        sentence = _("A number from %(least)d to %(most)d.")
        found.append(("threshold", sentence % {"least": limits[0], "most": limits[-1]}))
    return [*found, *_problems_of_what_follows(new)]


def _problems_of_what_follows(new: Trigger) -> list[tuple[str, str]]:
    """Of whom it tells, what it orders, and on what both rest."""
    found = [
        ("tell", _("There is no audience “%(name)s”.") % {"name": name})
        for name in new.tell
        if name not in AUDIENCES
    ]
    if new.action != Trigger.Action.TELL:
        for name in ("reason_code", "demand"):
            if not getattr(new, name):
                found.append((name, _("An order needs its ground and what it demands.")))
    elif not new.tell:
        found.append(("tell", _("Nobody would be told: name somebody, or switch it off.")))
    for name in ("basis", "basis_en"):
        if not getattr(new, name).strip():
            found.append((name, _("A trigger says on what it rests.")))
    return found


def add_version(new: Trigger, ground: str, *, seen: int, actor: Actor, now: datetime) -> RuleChange:
    """Store the version, which ends the former the day before, and the change in the log.

    Events are judged by it from its day on. `seen`: the stamp of the rules when the form was shown.
    Raises InvalidData or NotAllowedNow.
    """
    with transaction.atomic():
        require_unchanged(seen)
        latest = versions(new)[0]
        for field, sentence in problems(new, latest, day_of(now)):
            raise InvalidData(field, sentence)
        latest.valid_to = new.valid_from - timedelta(days=1)
        latest.save(update_fields=["valid_to"])
        new.save()
        Stamp.bump(RULES)
        return RuleChange.objects.create(
            kind=RuleChange.Kind.TRIGGER,
            trigger=new,
            basis=ground,
            made_by_id=actor.id,
            made_at=now,
            stage=RuleChange.Stage.NONE,
        )
