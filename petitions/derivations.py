"""Why a clock is due when it is due: numbered arithmetic to read out on the telephone.

Each line is one step of counting and says where it has come to (`Line.to`): the last line that
counts comes to the stored due moment, and a test recounts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.directory import Directory
from petitions.models import Petition
from petitions.templatetags.look import basis, day, in_a_row, listed, moment
from workflow.calendar import NEVER, Derivation, day_of
from workflow.codes import Cause, Urgency
from workflow.models import Clock, Document, TermRule
from workflow.workdays import WEEKEND

EXACT = frozenset({"second", "minute", "hour"})
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One step. `to`: where counting stands after it; `loud`: it rests on an assumption."""

    text: str
    to: datetime | None = None
    loud: bool = False

    def __str__(self) -> str:
        return self.text


def why(
    clock: Clock, rule: TermRule, directory: Directory, papers: Iterable[Document] = ()
) -> list[Line]:
    """The lines in the order of counting. Asks the database nothing.

    `papers`: those of the case, among which the notice of an extension is found.
    """
    return list(_Reckoning(clock, rule, directory, papers).lines())


def event_name(rule: TermRule) -> str:
    """What the moment of start is: the name of the case's column."""
    return str(Petition._meta.get_field(rule.starts).verbose_name)


def extension_notice(derived: Derivation, papers: Iterable[Document]) -> Document | None:
    """The paper that told the petitioner of the extension."""
    return next(
        (
            paper
            for paper in papers
            if paper.kind == "extension_notice" and paper.issued_at == derived.extended_at
        ),
        None,
    )


class _Reckoning:
    """One clock's derivation, put in words."""

    def __init__(
        self, clock: Clock, rule: TermRule, directory: Directory, papers: Iterable[Document]
    ) -> None:
        self.clock, self.rule, self.directory = clock, rule, directory
        self.why = Derivation.from_json(clock.derivation)
        self.notice = extension_notice(self.why, papers)
        self.counted_to, self.unrolled, self.due = self.why.legs()

    @property
    def exact(self) -> bool:
        return self.why.span.unit in EXACT

    def lines(self) -> Iterator[Line]:
        yield from self._assumed()
        yield Line(self._start(), self.why.start)
        yield Line(self._length())
        yield from (Line(text) for text in self._days())
        yield from (Line(text) for text in self._pauses())
        if self.why.override is not None:
            yield Line(self._set_by_hand(), self.counted_to)
        elif self.why.extended_days or self.why.skipped or self.why.pauses:
            yield from self._counted_so()
        override = self.why.override
        if self.why.extended_days > (override.extended if override else 0):
            yield Line(self._extension(), self.unrolled)
        yield from self._rolled()
        yield from self._end()
        if not self.why.assumed_years and (self.why.roll or self.why.span.unit == "working_day"):
            yield Line(_("Working days by the official calendar."))

    def _set_by_hand(self) -> str:
        """Who set the day instead of the rule's, and when."""
        override = self.why.override
        if override is None:
            raise ValueError("no date was set by hand")
        cadre = self.directory.cadres.get(override.by or 0)
        words = {
            "day": day(override.day),
            "at": moment(override.at),
            "name": cadre.name if cadre else "—",
        }
        return (
            _("In this case the date was set to %(day)s instead; approved by %(name)s on %(at)s.")
            % words
        )

    def _assumed(self) -> Iterator[Line]:
        if self.why.assumed_years:
            years = listed(str(year) for year in self.why.assumed_years)
            text = _(
                "The official calendar of %(years)s is not loaded: weekdays are assumed to be "
                "working days. The date is computed again when it is loaded."
            )
            yield Line(text % {"years": years}, loud=True)

    def _start(self) -> str:
        words = {"event": event_name(self.rule), "start": moment(self.why.start)}
        if self.exact:
            return _("Counted from %(start)s (%(event)s), day and night.") % words
        return _("Starts with %(start)s (%(event)s); that day itself is not counted.") % words

    def _length(self) -> str:
        length, words = _length(self.why), {"basis": basis(self.rule), "version": self.rule.version}
        said = [length, _("By: %(basis)s, version %(version)s of the rule.") % words]
        if self.rule.urgency:
            level = Urgency(self.rule.urgency).label
            said.insert(1, _("The level is “%(level)s”.") % {"level": level})
        return in_a_row(said)

    def _days(self) -> Iterator[str]:
        """Days passed over while counting; those at the end belong to the rolling."""
        end = self.why.unrolled.date()
        before = [(one, reason) for one, reason in self.why.skipped if one < end]
        if before:
            words = {"n": len(before), "days": listed(_day_and_reason(*one) for one in before)}
            yield ngettext(
                "Not counted, %(n)d day: %(days)s.", "Not counted, %(n)d days: %(days)s.",
                len(before),
            ) % words  # fmt: skip
        if self.why.counted:
            days = listed(day(one) for one in self.why.counted)
            yield _("Counted, as weekends that are worked: %(days)s.") % {"days": days}

    def _pauses(self) -> Iterator[str]:
        causes = [*self.why.causes, *[""] * len(self.why.pauses)]
        for (begin, end), cause in zip(self.why.pauses, causes, strict=False):
            words = {"begin": moment(begin), "end": moment(end), "cause": _cause(cause)}
            if end is None:
                yield _("Stands still since %(begin)s%(cause)s.") % words
            elif self.exact:
                yield _("Stood still from %(begin)s to %(end)s%(cause)s: not counted.") % words
            else:
                yield _stood_still(begin, end, cause)
        if self.clock.suspended_at is not None:
            since = {"begin": moment(self.clock.suspended_at)}
            since["cause"] = _cause(self.clock.stopped_by)
            yield _("Stands still since %(begin)s%(cause)s.") % since

    def _counted_so(self) -> Iterator[Line]:
        """Where the term itself ends, before anything is added or moved."""
        if self.counted_to != NEVER and self.counted_to != self.due:
            text = _("Counted so, the term itself ends on %(day)s.")
            yield Line(text % {"day": self._said(self.counted_to)}, self.counted_to)

    def _extension(self) -> str:
        n = self.why.extended_days
        said = [
            ngettext(
                "Extended once by %(n)d natural day: to %(day)s.",
                "Extended once by %(n)d natural days: to %(day)s.",
                n,
            )
            % {"n": n, "day": self._said(self.unrolled)}
        ]
        approver = self.directory.cadres.get(self.why.extended_by or 0)
        if approver is not None:
            words = {"name": approver.name, "at": moment(self.why.extended_at)}
            said.append(_("Approved by %(name)s on %(at)s.") % words)
        if self.notice is not None:
            said.append(_("Notice: %(number)s.") % {"number": self.notice.number})
        return in_a_row(said)

    def _rolled(self) -> Iterator[Line]:
        if self.exact or NEVER in (self.due, self.unrolled) or self.due == self.unrolled:
            return
        end = self.why.unrolled.date()
        off = [(one, reason) for one, reason in self.why.skipped if one >= end]
        words = {"days": listed(_day_and_reason(*one) for one in off), "due": day(self.due)}
        text = _("The last day is no working day: %(days)s. So it ends on %(due)s.")
        yield Line(text % words if off else _("So it ends on %(due)s.") % words, self.due)

    def _end(self) -> Iterator[Line]:
        if self.clock.suspended_at is not None:
            yield Line(_("Until it runs on, it is due on no day."))
        elif self.due != NEVER:
            yield Line(_("Due: %(due)s.") % {"due": moment(self.due)}, self.due)
            if not self.exact and self.due != self.unrolled:
                lamp = _("The lamp goes by %(day)s, before it was moved.")
                yield Line(lamp % {"day": day(self.unrolled)})

    def _said(self, end: datetime) -> str:
        return moment(end) if self.exact else day(end)


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
            return _("The day was set by a person: %(day)s.") % {"day": day(why.until)}
        case _:
            text = ngettext("The term is %(n)d natural day.", "The term is %(n)d natural days.", n)
    return text % {"n": n}


def _stood_still(begin: datetime, end: datetime, cause: str) -> str:
    """Of a term of days: the days at whose end it stood still."""
    first, after = (day_of(one) for one in (begin, end))
    n = (after - first).days
    words = {"cause": _cause(cause), "n": n}
    if cause == Cause.HEARING:
        words |= {"begin": day(first), "end": day(after - ONE_DAY)}
        text = ngettext(
            "Hearing on %(begin)s: %(n)d day is not counted.",
            "Hearing from %(begin)s to %(end)s: %(n)d days are not counted.",
            n,
        )
        return text % words
    words |= {"begin": moment(begin), "end": moment(end)}
    text = ngettext(
        "Stood still from %(begin)s to %(end)s%(cause)s: %(n)d day is not counted.",
        "Stood still from %(begin)s to %(end)s%(cause)s: %(n)d days are not counted.",
        n,
    )
    return text % words


def _cause(code: str) -> str:
    """Why, in brackets."""
    return _(" (%(why)s)") % {"why": Cause(code).label} if code else ""


def _day_and_reason(one: date, reason: str) -> str:
    return _("%(day)s (%(reason)s)") % {"day": day(one), "reason": _reason(reason)}


def _reason(reason: str) -> str:
    if reason == WEEKEND:
        return _("weekend")
    return _("weekday assumed") if reason.startswith("weekday assumed") else reason
