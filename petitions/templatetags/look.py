"""How things look on a page: dates in both languages, lamps, icons, capped counts."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from petitions.addresses import case_address
from workflow.lamps import NEVER_YEAR
from workflow.models import TermRule
from workflow.steps import Term
from workflow.terms import RuleBook

if TYPE_CHECKING:
    from petitions.models.petition import Petition
    from workflow.models import Clock

register = template.Library()

WEEKDAYS = "一二三四五六日"
"""周一 to 周日, Monday first."""

COUNT_CAP = 1000
"""Lists are counted up to here; more is shown as '1,000+'."""

LINE_LENGTH = 80
"""Characters of the demand in a list when nobody wrote its one line."""

UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def _local(value: date) -> date:
    """A datetime in the office's zone; a plain date as it is."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def in_a_row(sentences: Iterable[str]) -> str:
    """Sentences one after the other: a space between them in English, none in Chinese."""
    return ("" if _is_chinese() else " ").join(sentences)


def listed(items: Iterable[str]) -> str:
    """Items with a comma between them, in Chinese with 、."""
    return ("、" if _is_chinese() else ", ").join(items)


@register.filter
def day(value: date | None) -> str:
    """The date as 2026年11月23日 周一, or 23 Nov 2026; a dash when there is none."""
    if not value or value.year == NEVER_YEAR:
        return "—"
    value = _local(value)
    if _is_chinese():
        weekday = WEEKDAYS[value.weekday()]
        return f"{value.year}年{value.month}月{value.day}日 周{weekday}"
    return formats.date_format(value, "j M Y")


@register.filter
def basis(rule: TermRule) -> str:
    """The law with its article, or whose rule it is, in the reader's language."""
    return rule.basis if _is_chinese() or not rule.basis_en else rule.basis_en


@register.filter
def paper_day(value: date | None) -> str:
    """The date under a paper: 2026年11月23日 without the weekday, or 23 Nov 2026."""
    return day(value).partition(" 周")[0]


@register.filter
def moment(value: datetime | None) -> str:
    """The date and the time of day: 2026年11月23日 周一 14:05, or 23 Nov 2026, 14:05."""
    if not value or value.year == NEVER_YEAR:
        return "—"
    clock = f"{_local(value):%H:%M}"
    return f"{day(value)} {clock}" if _is_chinese() else f"{day(value)}, {clock}"


@register.filter
def hours(span: timedelta | None) -> str:
    """How long, in hours and minutes: 52 h 30 min; what adds up is shown adding up."""
    minutes = int((span or timedelta(0)).total_seconds() // 60)
    # Translators: %(h)s小时%(m)02d分
    return _("%(h)s h %(m)02d min") % {"h": f"{minutes // 60:,}", "m": minutes % 60}


@register.filter
def relative(value: datetime | None, now: datetime) -> str:
    """How far `value` is from `now` in whole days, hours or minutes; only beside the exact one."""
    if not value or value.year == NEVER_YEAR:
        return ""
    seconds = (value - now).total_seconds()
    size, unit = next((pair for pair in UNITS if abs(seconds) >= pair[0]), UNITS[-1])
    count = int(abs(seconds) // size)
    return _after(count, unit) if seconds >= 0 else _before(count, unit)


def _after(count: int, unit: str) -> str:
    words = {
        "day": ngettext("in %(n)d day", "in %(n)d days", count),
        "hour": ngettext("in %(n)d hour", "in %(n)d hours", count),
        "minute": ngettext("in %(n)d minute", "in %(n)d minutes", count),
    }
    return words[unit] % {"n": count}


def _before(count: int, unit: str) -> str:
    words = {
        "day": ngettext("%(n)d day ago", "%(n)d days ago", count),
        "hour": ngettext("%(n)d hour ago", "%(n)d hours ago", count),
        "minute": ngettext("%(n)d minute ago", "%(n)d minutes ago", count),
    }
    return words[unit] % {"n": count}


@register.filter
def lamp(thing: "Petition | Clock", now: datetime) -> str:
    """The lamp of a case or a clock by its rule; asks the database nothing."""
    return RuleBook.kept().lamp(thing, now)


def lamp_drawn(colour: str) -> SafeString:
    """The lamp of that colour as the component draws it, drawn once for each language."""
    return _lamp_drawn(colour, get_language() or "")


@lru_cache(maxsize=64)
def _lamp_drawn(colour: str, language: str) -> SafeString:
    return render_to_string("components/_lamp.html", {"colour": colour})


FLAGS = (
    "sealed", "urgency", "is_repeat", "supervision", "threat_flag", "is_group", "is_hotline", "way",
    "is_history",
)  # fmt: skip
"""What `components/_tags.html` goes by in a list."""


def tags_drawn(case: "Petition") -> SafeString:
    """The tags of a case in a list, drawn once for all cases with the same flags."""
    return _tags_drawn(tuple(getattr(case, flag) for flag in FLAGS), get_language() or "")


@lru_cache(maxsize=1024)
def _tags_drawn(flags: tuple[object, ...], language: str) -> SafeString:
    flagged = dict(zip(FLAGS, flags, strict=True))
    drawn = render_to_string("components/_tags.html", {"case": flagged})
    return SafeString(drawn.strip())


@register.simple_tag
def when(value: datetime | None, now: datetime | None = None) -> SafeString:
    """The exact moment in a <time>, and when `now` is given how far away it is."""
    if not value or value.year == NEVER_YEAR:
        return format_html('<span class="muted">{}</span>', _("no date"))
    exact = format_html('<time datetime="{}">{}</time>', value.isoformat(), moment(value))
    if now is None:
        return exact
    near = relative(value, now)
    return format_html(
        '{} <span class="muted small" data-rel="{}">{}</span>', exact, value.isoformat(), near
    )


@register.filter
def term_label(code: str) -> str:
    """A term's name by its code, as in `due_term`; nothing for no clock."""
    return _term_labels(get_language() or "")[code] if code else ""


@cache
def _term_labels(language: str) -> dict[str, str]:
    return {str(term): str(term.label) for term in Term}


@register.filter
def demand_line(case: "Petition") -> str:
    """The matter in one line: as the clerk summed it up, else how the demand begins."""
    return case.summary or Truncator(" ".join(case.demand.split())).chars(LINE_LENGTH)


@register.filter
def capped(count: int, cap: int = COUNT_CAP) -> str:
    """A count with thousands marked; beyond the cap '1,000+', as the query counted no further."""
    return f"{cap:,}+" if count > cap else f"{count:,}"


@register.filter
def thousands(count: int | None) -> str:
    """A number with its thousands marked; a dash when nobody knows it yet."""
    return "—" if count is None else f"{count:,}"


@register.simple_tag
def case_url(number: str, view: str, *which: str, pk: int | None = None) -> str:
    """The address of a page of a case, or of a row of it; quicker than `url`, which resolves it
    anew each time.
    """
    return case_address(number, view, *which, pk=pk)


@register.filter
def is_capped(count: int) -> bool:
    """Whether more was there than was counted."""
    return count > COUNT_CAP


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One drawing of static/img/icons.svg; the word beside it carries the meaning."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


_QUOTED = re.compile("“([^”]*)”")


@register.filter
def quoting(text: Any) -> SafeString:
    """What stands in quotation marks is a petitioner's Chinese, whatever the page's language."""
    said = _QUOTED.sub(r'“<span lang="zh-Hans">\1</span>”', conditional_escape(text))
    return mark_safe(said)  # noqa: S308 - escaped the line before
