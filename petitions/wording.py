"""What events hold in codes and ids, in words: labels and values for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.directory import Directory
from petitions.forms import FORMS
from petitions.forms.filing import AmendForm
from petitions.forms.handling import Attitude
from petitions.templatetags.look import day, listed, moment
from workflow import codes, mandate_codes
from workflow.actors import Actor
from workflow.models import Event, Note, Request
from workflow.steps import STEPS, Term

#: Codes by the name of the datum; where one name serves two steps their codes differ.
CODED: dict[str, tuple[type[models.TextChoices], ...]] = {
    "way": (codes.Way, codes.ServiceWay, mandate_codes.AgencyWay),
    "reason_code": (codes.DeclineReason, codes.ObjectionReason, codes.SupervisionReason),
    "result": (codes.Result, codes.SupervisionResult),
    "procedure": (codes.Procedure,),
    "petition_class": (codes.PetitionClass,),
    "path": (codes.Path,),
    "urgency": (codes.Urgency,),
    "ground": (codes.NonServiceReason, mandate_codes.RecusalGround),
    "wish": (mandate_codes.RecusalWish,),
    "attitude": (Attitude,),
    "satisfaction": (codes.Satisfaction,),
    "office_satisfaction": (codes.Satisfaction,),
    "resolved": (codes.Resolved,),
    "term": (Term,),
    "kind": (codes.AdviceKind, codes.WhistleKind, codes.ErrandKind),
    "adopted": (codes.Adoption,),
    "powers": (mandate_codes.Power,),
    "signature": (mandate_codes.Signature,),
    "petitioner_identity": (mandate_codes.IdentityProof,),
    "agent_identity": (mandate_codes.IdentityProof,),
}
CADRES = frozenset({"handler", "agent", "to", "cadre", "directed_by"})
UNITS = frozenset({"unit", "proposed_unit", "lead"})
#: Ids that say nothing to people, and what is said beside who did it.
SILENT = frozenset(
    {
        "charge",
        "category",
        "problem_area",
        "main",
        "request",
        "clock",
        "late_seconds",
        "slept_through",
        "absent_until",
        "handed_until",
        "trigger",
        "instruction",
        "visit",
        "precedent",
        "station",
        "call",
        "told",
        "key",
        "suggested",
    }
)
OTHER_LABELS = {
    "term": gettext_lazy("Term"),
    "rung": gettext_lazy("Reminder"),
    "step": gettext_lazy("Step"),
    "handler": gettext_lazy("Handler"),
    "reason": gettext_lazy("Reason"),
    "report": gettext_lazy("What was done"),
    "unit": gettext_lazy("Unit"),
}
CORRECTED = "amended:"


@dataclass(frozen=True)
class Words:
    """Labels and values that belong together."""

    label: str
    value: str


def actor_name(event: Event, directory: Directory) -> str:
    """Who did it."""
    if event.actor_kind == "system":
        return _("the system")
    if event.actor_kind == "petitioner":
        return _("the petitioner")
    cadre = directory.cadres.get(event.actor_id or 0)
    name = cadre.name if cadre else "—"
    absent = directory.cadres.get(event.in_name_of or 0)
    if absent is None or event.in_name_of == event.actor_id:
        return name
    return _("%(name)s (%(in_place)s)") % {
        "name": name,
        "in_place": _standing_in(absent.name, *_until(event)),
    }


def asker_name(request: Request, directory: Directory) -> str:
    """Who asked, and in whose place."""
    if request.asker_id is None:
        return _("the petitioner")
    cadre, absent = (
        directory.cadres.get(pk or 0) for pk in (request.asker_id, request.asked_for_id)
    )
    name = cadre.name if cadre else "—"
    if absent is None:
        return name
    return _("%(name)s in place of %(absent)s") % {"name": name, "absent": absent.name}


def in_place_of(acting: Actor, directory: Directory) -> str:
    """In whose place somebody decides, and until when; "" in their own right."""
    absent = directory.cadres.get(acting.absent_id or 0)
    if absent is None or acting.absent_until is None:
        return ""
    return _standing_in(absent.name, acting.absent_until, away=not acting.of_kinds)


def _standing_in(name: str, until: date | None, away: bool) -> str:
    words = {"name": name, "day": day(until)}
    if until is None:
        return _("in place of %(name)s") % words
    if away:
        return _("in place of %(name)s, absent until %(day)s") % words
    return _("in place of %(name)s, who hands this over until %(day)s") % words


def _until(event: Event) -> tuple[date | None, bool]:
    """The last day of an absence or a handing over, and whether it was an absence."""
    for key in ("absent_until", "handed_until"):
        if key in event.data:
            return date.fromisoformat(event.data[key]), key == "absent_until"
    return None, True


def facts(name: str, data: Mapping[str, Any], directory: Directory) -> list[Words]:
    """The coded data of a step or of a request for it, in words; texts and silent ids left out."""
    texts = STEPS[name].texts if name in STEPS else frozenset()
    shown = (
        Words(label_of(name, key), value_of(key, value, directory))
        for key, value in data.items()
        if key not in SILENT and key not in texts and value not in (None, "")
    )
    return [words for words in shown if words.value]


def notes(name: str, rows: list[Note]) -> list[Words]:
    """What people wrote with a step; a correction of hidden data only says that it was made."""
    return [_note(name, note) for note in rows]


def label_of(name: str, key: str) -> str:
    """What the form of the step calls this datum."""
    form = FORMS.get(name)
    field = form.base_fields.get(key) if form else None
    return str(field.label if field else OTHER_LABELS.get(key, key))


def value_of(key: str, value: Any, directory: Directory) -> str:
    """A code, an id or a moment as people say it."""
    if isinstance(value, list):
        one_of = "unit" if key == "units" else key
        return listed(value_of(one_of, one, directory) for one in value)
    if key in CADRES:
        return directory.cadres[value].name if value in directory.cadres else ""
    if key in UNITS:
        return directory.units[value].name if value in directory.units else ""
    if key == "step":
        return str(STEPS[value].label) if value in STEPS else str(value)
    for choices in CODED.get(key, ()):
        if value in choices.values:
            return str(choices(value).label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return _date(value) if isinstance(value, str) else str(value)


def _date(text: str) -> str:
    try:
        return day(date.fromisoformat(text)) if len(text) == 10 else moment(_moment(text))
    except ValueError:
        return text


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _note(name: str, note: Note) -> Words:
    if not note.key.startswith(CORRECTED):
        return Words(label_of(name, note.key), note.text)
    field = note.key.removeprefix(CORRECTED)
    label = label_of("amend", field)
    hidden = field in AmendForm.HIDDEN
    return Words(label, _("corrected; not shown here") if hidden else note.text)
