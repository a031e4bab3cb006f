"""Which rules of terms and which calendar are in force."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from petitions.operations.check import GREEN, RED, YELLOW, Check, check
from petitions.templatetags.look import listed
from workflow.calendar import day_of
from workflow.terms import RuleBook

NOTICE_EXPECTED, NOTICE_LATE = (10, 1), (12, 15)
"""Month and day from which next year's notice is looked for, and from which dates suffer."""
YEARS_SHOWN = 3


def checks(book: RuleBook, now: datetime) -> list[Check]:
    """From memory: the book is read anew only when its stamps change."""
    today = day_of(now)
    return [_rules(book, today), _calendar(book, today)]


def _rules(book: RuleBook, today: date) -> Check:
    valid = book.in_force(today)
    versions = sorted({rule.version for rule in valid})
    words = ngettext("%(n)d rule in force", "%(n)d rules in force", len(valid)) % {"n": len(valid)}
    if versions:
        words += _("; versions: %(versions)s") % {"versions": ", ".join(versions)}
    return check(
        "rules",
        _("Rules of terms"),
        GREEN if valid else RED,
        words,
        _("Run bin/manage prepare: without rules no case can be registered."),
        rules_in_force=len(valid),
    )


def _calendar(book: RuleBook, today: date) -> Check:
    years = sorted(book.calendar.years)
    this_year, next_year = today.year in years, today.year + 1 in years
    season = (today.month, today.day)
    colour = GREEN
    if not this_year or (not next_year and season >= NOTICE_LATE):
        colour = RED
    elif not next_year and season >= NOTICE_EXPECTED:
        colour = YELLOW
    missing = today.year if not this_year else today.year + 1
    return check(
        "calendar",
        _("Official calendar of holidays"),
        colour,
        _("loaded up to %(years)s") % {"years": listed(map(str, years[-YEARS_SHOWN:]))}
        if years
        else _("none loaded"),
        _("The holidays of %(year)d are missing: weekdays are assumed there. Load them as soon as "
          "the State Council's notice is out.") % {"year": missing},
        calendar_this_year=this_year,
        calendar_next_year=next_year,
    )  # fmt: skip
