"""Why a clock is due when it is due, in sentences: start, rule, each day that did not count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from petitions.models import Petition
from petitions.templatetags.look import day, listed, moment
from workflow.calendar import NEVER, Derivation
from workflow.models import Clock, TermRule
from workflow.workdays import WEEKEND

EXACT = frozenset({"second", "minute", "hour"})


def why(clock: Clock, rule: TermRule, *, extended_by: str = "") -> list[str]:
    """The sentences in the order of counting. Asks the database nothing.

    `extended_by`: who approved the extension, where there is one.
    """
    return list(_sentences(Derivation.from_json(clock.derivation), rule, extended_by))


def _sentences(why: Derivation, rule: TermRule, extended_by: str) -> Iterator[str]:
    yield _start(why, rule)
    yield _length(why)
    yield from _days(why)
    yield from _pauses(why)
    if why.extended_days:
        yield ngettext(
            "Extended once by %(n)d natural day.",
            "Extended once by %(n)d natural days.",
            why.extended_days,
        ) % {"n": why.extended_days}
        if extended_by:
            yield _("The extension was approved by %(name)s.") % {"name": extended_by}
    yield from _end(why)
    yield from _calendar(why)


def _pauses(why: Derivation) -> Iterator[str]:
    for begin, end in why.pauses:
        if end is None:
            yield _("Stands still since %(begin)s.") % {"begin": moment(begin)}
        else:
            words = {"begin": moment(begin), "end": moment(end)}
            yield _("Stood still from %(begin)s to %(end)s; that time does not count.") % words


def _start(why: Derivation, rule: TermRule) -> str:
    words = {"event": _event(rule), "start": moment(why.start)}
    if why.span.unit in EXACT:
        return _("Counted from %(start)s (%(event)s), day and night.") % words
    return _("Starts with %(start)s (%(event)s); that day itself is not counted.") % words


def _event(rule: TermRule) -> str:
    """What the moment of start is: the name of the case's column."""
    return str(Petition._meta.get_field(rule.starts).verbose_name)


def _length(why: Derivation) -> str:
    n = why.span.length
    match why.span.unit:
        case "second":
            text = ngettext("The term is %(n)d second.", "The term is %(n)d seconds.", n)
        case "minute":
            text = ngettext("The term is %(n)d minute.", "The term is %(n)d minutes.", n)
        case "hour":
            text = ngettext("The term is %(n)d hour.", "The term is %(n)d hours.", n)
        case "working_day":
            text = ngettext("The term is %(n)d working day.", "The term is %(n)d working days.", n)
        case "date":
            return _("The day is written on the sheet: %(day)s.") % {"day": day(why.until)}
        case _:
            text = ngettext("The term is %(n)d natural day.", "The term is %(n)d natural days.", n)
    return text % {"n": n}


def _days(why: Derivation) -> Iterator[str]:
    """Days passed over while counting; those at the end belong to the rolling."""
    before = [(one, reason) for one, reason in why.skipped if one < why.unrolled.date()]
    if before:
        days = listed(_day_and_reason(one, reason) for one, reason in before)
        yield _("Not counted: %(days)s.") % {"days": days}
    if why.counted:
        days = listed(day(one) for one in why.counted)
        yield _("Counted, as weekends that are worked: %(days)s.") % {"days": days}


def _end(why: Derivation) -> Iterator[str]:
    if why.due == NEVER:
        return
    rolled = [(one, reason) for one, reason in why.skipped if one >= why.unrolled.date()]
    if rolled and why.due != why.unrolled:
        days = listed(_day_and_reason(one, reason) for one, reason in rolled)
        words = {"days": days, "due": day(why.due)}
        yield _("The last day is no working day: %(days)s. So it ends on %(due)s.") % words
    yield _("Due: %(due)s.") % {"due": moment(why.due)}


def _calendar(why: Derivation) -> Iterator[str]:
    if why.assumed_years:
        years = listed(str(year) for year in why.assumed_years)
        yield _(
            "The official calendar of %(years)s is not loaded: weekdays are assumed to be working "
            "days. The date is computed again when it is loaded."
        ) % {"years": years}
    elif why.roll or why.span.unit == "working_day":
        yield _("Working days by the official calendar.")


def _day_and_reason(one: date, reason: str) -> str:
    return _("%(day)s (%(reason)s)") % {"day": day(one), "reason": _reason(reason)}


def _reason(reason: str) -> str:
    if reason == WEEKEND:
        return _("weekend")
    return _("weekday assumed") if reason.startswith("weekday assumed") else reason
