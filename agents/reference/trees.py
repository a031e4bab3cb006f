"""Loading a coded tree from CSV: parents are told by the code, rows are written level by level."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Loaded:
    """What a loader did: rows made new, and rows that were there already."""

    created: int
    known: int


def read_rows(file_name: str) -> list[dict[str, str]]:
    """The rows of a CSV file beside this module, in UTF-8 with a header line."""
    with (FOLDER / file_name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def load_tree(
    model: Any,
    rows: Iterable[dict[str, Any]],
    parent_code: Callable[[str], str | None],
    scheme: dict[str, Any] | None = None,
) -> Loaded:
    """Make the nodes that are missing; those there already keep what an office changed on them.

    `rows` hold columns of `model`, "code" among them; `scheme` is common to all rows and tells
    which of the stored nodes belong to the tree. Two queries a level.
    """
    scheme = scheme or {}
    nodes = {node.code: node for node in model.objects.filter(**scheme)}
    known = len(nodes)
    missing = [row for row in rows if row["code"] not in nodes]
    while missing:
        ready = [row for row in missing if _parent_known(row, parent_code, nodes)]
        if not ready:
            raise ValueError(f"No parent for the codes {[row['code'] for row in missing]}")
        made = [_node(model, row, nodes.get(parent_code(row["code"])), scheme) for row in ready]
        write_level(model, made)
        nodes |= {node.code: node for node in made}
        missing = [row for row in missing if row["code"] not in nodes]
    return Loaded(created=len(nodes) - known, known=known)


def _parent_known(
    row: dict[str, Any], parent_code: Callable[[str], str | None], nodes: dict[str, Any]
) -> bool:
    parent = parent_code(row["code"])
    return parent is None or parent in nodes


def _node(model: Any, row: dict[str, Any], parent: Any, scheme: dict[str, Any]) -> Any:
    return model(**row, **scheme, parent=parent, level=parent.level + 1 if parent else 1)


def write_level(model: Any, nodes: Sequence[Any]) -> None:
    """Store new nodes of one level, whose parents are stored, with their paths."""
    model.objects.bulk_create(nodes)
    for node in nodes:
        node.path = f"{node.parent.path if node.parent else '/'}{node.pk}/"
    model.objects.bulk_update(nodes, ["path"])
