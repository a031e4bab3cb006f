"""What is learnt from: the office's own cases whose category and unit a person confirmed, or the
rows of a labelled sheet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db.models import Q

from agents.directory import Directory, NodeInfo, UnitInfo
from petitions.exchange.reading import UnreadableFile, tables
from petitions.identity import fold_key
from petitions.models import Petition
from petitions.suggesting.kept import CATEGORY, UNIT
from petitions.suggesting.text import MARK
from workflow.codes import PetitionClass

MOST_CASES = 20_000
"""The newest so many: what units did years ago is no longer theirs."""
SPOKEN = ("state", "summary", "demand", "category", "problem_area", "unit", "signed_at")

TOPIC, TEXT, AREA = "topic", "text", "area"
COLUMNS = {
    TOPIC: ("留言主题", "主题", "标题", "诉求标题", "topic", "title", "summary"),
    TEXT: (
        "留言详情",
        "诉求内容",
        "投诉件内容",
        "内容",
        "详情",
        "正文",
        "tokens",
        "text",
        "demand",
    ),
    CATEGORY: ("一级标签", "标签", "分类", "类别", "一级分类", "label", "category"),
    UNIT: ("承办单位", "办理单位", "单位", "unit"),
}  # fmt: skip
"""What a column is called in labelled sheets, by what it holds."""


@dataclass(frozen=True)
class Example:
    """A text with what was decided about it, by kind; `marks` are what was known beside it."""

    text: str
    labels: dict[str, str]
    marks: tuple[str, ...] = ()


@dataclass
class Sheet:
    """The rows of a labelled file; `left_out`: why so many rows are not among them."""

    rows: list[Example] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def text_of(case: Petition) -> str:
    """The matter in one line, if it is not just its beginning, and in the petitioner's words."""
    summary = case.summary.rstrip("…")
    return case.demand if case.demand.startswith(summary) else f"{summary}\n{case.demand}"


def marks_of(case: Petition, directory: Directory) -> tuple[str, ...]:
    """Category and place, with all that lies above them: they say much about the unit."""
    beside = (
        (CATEGORY, directory.categories, case.category_id),
        (AREA, directory.areas, case.problem_area_id),
    )
    return tuple(
        f"{kind}{MARK}{known[above].code}"
        for kind, known, pk in beside
        if pk is not None and pk in known
        for above in known[pk].path_ids
        if above in known
    )


def of_cases(directory: Directory) -> Iterator[Example]:
    """What the office's cases teach: those a unit has signed for, or the window has answered.

    Both were classified by a person, and the unit did not hand it back. Never an accusation.
    """
    confirmed = Q(signed_at__isnull=False) | Q(answered_at__isnull=False)
    rows = (
        Petition.objects.current()
        .filter(confirmed, sealed=False, category__isnull=False)
        .exclude(petition_class=PetitionClass.ACCUSATION)
        .only(*SPOKEN)
        .order_by("-pk")[:MOST_CASES]
    )
    for case in rows.iterator(chunk_size=500):
        labels = {CATEGORY: directory.categories[case.category_id or 0].code}
        if case.signed_at and case.unit_id:
            labels[UNIT] = directory.units[case.unit_id].code
        yield Example(text_of(case), labels, marks_of(case, directory))


def of_sheet(path: Path) -> Sheet:
    """The rows of a labelled file. Raises UnreadableFile."""
    sheet = Sheet()
    for table in tables(path):
        places: dict[str, int] = {}
        for line in table.lines:
            if line.is_blank:
                continue
            if not places:
                places = _places(line.texts)
            elif line.broken:
                sheet.left_out["broken"] += 1
            else:
                _add(sheet, {kind: line.texts[at] for kind, at in places.items()})
        if places:
            return sheet
    raise UnreadableFile(
        "No sheet of it has a column of texts (留言详情, 诉求内容, tokens, text) and one of labels "
        "(一级标签, 分类, label, category, 承办单位, unit) under a header."
    )


def in_use(sheet: Sheet, directory: Directory) -> Sheet:
    """The same rows with the codes of our own categories and units; what names none is left out."""
    known = {
        CATEGORY: _codes(one for one in directory.categories.values() if one.is_active),
        UNIT: _codes(one for one in directory.units.values() if one.is_active),
    }
    found = Sheet(left_out=sheet.left_out.copy())
    for row in sheet.rows:
        labels = {}
        for kind, label in row.labels.items():
            if code := known[kind].get(fold_key(label)):
                labels[kind] = code
            else:
                found.left_out[f"{kind}: {label}"] += 1
        if labels:
            found.rows.append(Example(row.text, labels, row.marks))
    return found


def _places(header: list[str]) -> dict[str, int]:
    """Where the header names what; nothing unless it names texts and labels."""
    names = [fold_key(one) for one in header]
    found = {
        kind: next((names.index(one) for one in map(fold_key, called) if one in names), None)
        for kind, called in COLUMNS.items()
    }
    places = {kind: at for kind, at in found.items() if at is not None}
    return places if TEXT in places and {CATEGORY, UNIT} & set(places) else {}


def _add(sheet: Sheet, row: dict[str, str]) -> None:
    text = "\n".join(row[kind].strip() for kind in (TOPIC, TEXT) if row.get(kind))
    labels = {kind: row[kind].strip() for kind in (CATEGORY, UNIT) if row.get(kind, "").strip()}
    if text.strip() and labels:
        sheet.rows.append(Example(text, labels))
    else:
        sheet.left_out["without text or label"] += 1


def _codes(nodes: Iterable[NodeInfo | UnitInfo]) -> dict[str, str]:
    """By code and by name: the code. A name that two have names none."""
    rows = [(one.code, one.name) for one in nodes]
    names = Counter(fold_key(name) for _code, name in rows)
    by_name = {fold_key(name): code for code, name in rows if names[fold_key(name)] == 1}
    return by_name | {fold_key(code): code for code, _name in rows}
