"""What is suggested for a case: categories and units of ours, each with its grounds in words.

A person decides; what was suggested and what was taken goes into the event of the step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory, NodeInfo, UnitInfo
from petitions.models import Petition
from petitions.suggesting import kept
from petitions.suggesting.examples import AREA, Example, marks_of, text_of
from petitions.suggesting.kept import CATEGORY, UNIT
from petitions.suggesting.model import Ground, Suggested
from petitions.suggesting.teaching import terms
from petitions.suggesting.text import MARK
from petitions.templatetags.look import listed

NOTHING_KNOWN = _("Nothing is suggested: this text has nothing in common with past cases.")


@dataclass(frozen=True)
class Suggestion:
    """A category or unit of ours. `label` names what it lies in, `because` the grounds."""

    id: int
    name: str
    label: str
    because: str

    @property
    def value(self) -> str:
        """As a form sends it."""
        return str(self.id)


@dataclass(frozen=True)
class Suggestions:
    """What is suggested, best first, by the training `version`; `lack`: why it can be nothing."""

    version: str = ""
    rows: tuple[Suggestion, ...] = ()
    lack: Any = ""

    def with_id(self, pk: int | None) -> Suggestion | None:
        """The one of that category or unit."""
        return next((one for one in self.rows if one.id == pk), None)

    def record(self, taken: int | None, shown: str) -> dict[str, Any] | None:
        """What the event keeps: the ids in their order, and which place was taken, 0 for none.

        Nothing unless this very suggestion was `shown` (the version that page or program sends
        back): what nobody saw, nobody took or refused.
        """
        if not self.rows or shown != self.version:
            return None
        ids = [one.id for one in self.rows]
        place = ids.index(taken) + 1 if taken in ids else 0
        return {"ids": ids, "place": place, "model": self.version}


NONE = Suggestions()


def categories(case: Petition, directory: Directory) -> Suggestions:
    """Categories in use for the matter. Of an accusation nothing is suggested. Asks nothing."""
    if case.sealed:
        return NONE
    known = _categories(directory)
    return _asked(CATEGORY, case, directory, known, known.__contains__)


def units(case: Petition, directory: Directory, barred: Collection[int]) -> Suggestions:
    """Active units for the case; none that is `barred`, nor below one that is. Asks nothing."""
    if case.sealed:
        return NONE
    known = _units(directory)

    def fits(code: str) -> bool:
        unit = known.get(code)
        return unit is not None and not any(directory.in_subtree(unit.id, one) for one in barred)

    return _asked(UNIT, case, directory, known, fits)


def _asked(
    kind: str,
    case: Petition,
    directory: Directory,
    known: Mapping[str, NodeInfo | UnitInfo],
    fits: Callable[[str], bool],
) -> Suggestions:
    learnt = kept.current()
    model = learnt.model(kind)
    if model is None or learnt.trained is None:
        return Suggestions(lack=learnt.lack(kind))
    example = Example(text_of(case), {}, marks_of(case, directory))
    rows = [
        _in_words(kind, one, known[one.label], directory)
        for one in model.suggest(terms(example, kind), fits=fits)
    ]
    return Suggestions(learnt.trained.version, tuple(rows), "" if rows else NOTHING_KNOWN)


def _in_words(
    kind: str, one: Suggested, node: NodeInfo | UnitInfo, directory: Directory
) -> Suggestion:
    said = {
        "grounds": listed(
            gettext("%(term)s (%(cases)d)")
            % {"term": _named(ground, directory), "cases": ground.cases}
            for ground in one.grounds
        ),
        "cases": one.cases,
    }
    if kind == UNIT:
        # Translators: 依据：%(grounds)s；该单位过去办理过 %(cases)d 件。
        because = gettext("Speaks for it: %(grounds)s; of %(cases)d past cases of this unit.")
    else:
        # Translators: 依据：%(grounds)s；此类过去共 %(cases)d 件。
        because = gettext("Speaks for it: %(grounds)s; of %(cases)d past cases of this kind.")
    names = (
        [directory.categories[one].name for one in node.path_ids if one in directory.categories]
        if isinstance(node, NodeInfo)
        else [node.name]
    )
    return Suggestion(node.id, node.name, " / ".join(names), because % said)


def _named(ground: Ground, directory: Directory) -> str:
    """A piece of the text in quotation marks; a fact beside the text by its name."""
    kind, mark, code = ground.term.partition(MARK)
    if not mark:
        return gettext("“%(words)s”") % {"words": ground.term}
    nodes = directory.areas if kind == AREA else directory.categories
    return next((one.name for one in nodes.values() if one.code == code), code)


@lru_cache(maxsize=2)
def _categories(directory: Directory) -> dict[str, NodeInfo]:
    """Categories in use by code."""
    return {one.code: one for one in directory.categories.values() if one.is_active}


@lru_cache(maxsize=2)
def _units(directory: Directory) -> dict[str, UnitInfo]:
    """Active units by code."""
    return {one.code: one for one in directory.units.values() if one.is_active}
