"""Guards and checks of promises to the petitioner (承诺) and of errands (代办)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from workflow.codes import ErrandKind
from workflow.errors import InvalidData
from workflow.guards import guard
from workflow.steps import State, Term

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle

FURTHEST = timedelta(days=365)
"""Beyond it a promise is a slip of the finger (office rule)."""
MOST_MINUTES, MOST_TRIPS = 24 * 60, 50
"""Of one errand: what is more belongs into several, or is a slip of the finger (office rule)."""
MET = frozenset({ErrandKind.ACCOMPANIED, ErrandKind.HOME})
"""Errands on which the petitioner is spoken with."""
CONTACT_IN = (State.SIGNED, State.HANDLING, State.APPROVAL, State.ANSWERED)
"""Where a contact with the petitioner is owed and counts."""


@guard(_("A promise to the petitioner stands already: keep it or break it first."))
def no_promise_stands(case: Lifecycle) -> bool:
    """One promise stands on a case at a time."""
    return Term.PROMISE not in case.context.clocks


@guard(_("No promise to the petitioner stands."))
def promise_stands(case: Lifecycle) -> bool:
    """There is a promise to keep or to break."""
    return Term.PROMISE in case.context.clocks


# Checks of what was entered ---------------------------------------------------------------


def promise_lies_ahead(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """For today or a day to come, within a year."""
    _check_day(case, "due_on", data["due_on"])


def promise_is_proven(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Kept is what can be shown: a photo or paper now, or an errand logged since it was given."""
    errand, given = case.last_errand_at, case.promised_at
    if not data.get("files") and not (errand and given and errand >= given):
        raise InvalidData(
            "files", _("Attach a photo or a paper that shows it, or log the errand first.")
        )


def promise_moves_once(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """A broken promise may have one other day, after today; a second time it is only broken."""
    day = data.get("new_day")
    if day is None:
        return
    if case.promise_moved:
        raise InvalidData(
            "new_day", _("It was moved once already: leave this empty, and say what happens now.")
        )
    if day <= case.context.day:
        raise InvalidData("new_day", _("The other day must lie ahead."))
    _check_day(case, "new_day", day)


def errand_is_plausible(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """No more minutes than a day has, no more trips than one errand can spare."""
    if not 0 <= data.get("minutes", 0) <= MOST_MINUTES:
        raise InvalidData("minutes", _("An errand takes at most 1,440 minutes: log several."))
    if not 0 <= data.get("trips_spared", 0) <= MOST_TRIPS:
        raise InvalidData("trips_spared", _("One errand spares at most 50 trips."))


def _check_day(case: Lifecycle, name: str, day: Any) -> None:
    if day < case.context.day:
        raise InvalidData(name, _("This day is over."))
    if day > case.context.day + FURTHEST:
        raise InvalidData(name, _("A promise is for a day within a year."))
