"""How demo cases are spread: by month and channel, category, state and lamp. For the terminal."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from petitions.codes import Channel
from petitions.demo.making import SOURCE
from petitions.models import Petition
from workflow.calendar import ZONE
from workflow.codes import Satisfaction
from workflow.steps import State

LATE, SOON, FINE, NONE = "late", "within 3 days", "later", "no clock"


def spread(now: datetime) -> Iterable[str]:
    """Lines of a table: months down, channels across, then what the cases are and where."""
    cases = list(
        Petition.objects.filter(source=SOURCE)
        .select_related("category")
        .only("received_at", "channel", "category", "state", "due_at", "visit_satisfaction",
              "rating", "is_repeat", "head_count", "hops", "round")
    )  # fmt: skip
    yield from _months(cases)
    yield from _counted("state", Counter(str(State(case.state).label) for case in cases))
    yield from _counted("lamp", Counter(lamp(case, now) for case in cases))
    yield from _counted("category", Counter(_top(case) for case in cases))
    asked = Counter(
        str(Satisfaction(grade).label)
        for case in cases
        if (grade := case.rating or case.visit_satisfaction)
    )
    yield from _counted("satisfaction", asked)
    yield (
        f"{sum(case.is_repeat for case in cases)} repeat, "
        f"{sum(case.is_group for case in cases)} group, "
        f"{sum(case.hops > 0 for case in cases)} with a hop, "
        f"{sum(case.round > 1 for case in cases)} handled again, {len(cases)} in all"
    )


def lamp(case: Petition, now: datetime) -> str:
    """How near the case is to its due moment."""
    if case.due_at.year == 9999:
        return NONE
    days = (case.due_at - now).total_seconds() / 86400
    return LATE if days < 0 else SOON if days < 3 else FINE


def _top(case: Petition) -> str:
    """First-level category: the name behind its first two digits."""
    return case.category.code[:2] if case.category else "-"


def _months(cases: list[Petition]) -> Iterable[str]:
    counts = Counter((f"{case.received_at.astimezone(ZONE):%Y-%m}", case.channel) for case in cases)
    yield "        " + "".join(_wide(str(one.label), 12) for one in Channel) + "  all"
    for month in sorted({month for month, _channel in counts}):
        row = [counts[month, one.value] for one in Channel]
        yield f"{month} " + "".join(f"{number:>12}" for number in row) + f"{sum(row):>6}"


def _counted(what: str, counts: Counter[str]) -> Iterable[str]:
    yield f"by {what}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _wide(text: str, width: int) -> str:
    """Right-aligned in so many columns; a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return " " * (width - taken) + text
