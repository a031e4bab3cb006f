"""Proposals which categories of another scheme mean the same as one of the office's own."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from django.db import transaction
from rapidfuzz import fuzz, process

from agents.models import Category, Correspondence

SIMILAR = 70
"""Likeness of two names in percent from which they are proposed: 噪声污染 and 噪音污染 have 75."""
MOST = 3
"""Proposals for one category: more is no help to whoever decides."""
CATCH_ALL = re.compile("其[他它]")
"""Names of what is left over say nothing but where they stand."""
COMMON_END = re.compile("(?<=..)管理$")
"""Half of all names end so: by it 林业管理 would be like 物业管理."""

Ground = Correspondence.Ground


@transaction.atomic
def propose(scheme: str) -> int:
    """Propose for each category of the scheme that has nothing yet, decided or not; the number."""
    own = Category.objects.filter(is_active=True).exclude(scheme=scheme)
    names, equal = {}, defaultdict(list)
    for node in own:
        if not CATCH_ALL.match(node.name):
            names[node.pk] = COMMON_END.sub("", _plain(node.name))
            equal[_plain(node.name)].append(node.pk)
    open_ones = Category.objects.filter(scheme=scheme, own_ones=None).order_by("code")
    rows = [
        Correspondence(foreign=node, own_id=pk, ground=ground, likeness=likeness)
        for node in open_ones
        if not CATCH_ALL.match(node.name)
        for pk, ground, likeness in _likest(_plain(node.name), names, equal)
    ]
    Correspondence.objects.bulk_create(rows)
    return len(rows)


def _likest(
    name: str, names: dict[int, str], equal: dict[str, list[int]]
) -> Iterator[tuple[int, str, int]]:
    if name in equal:
        for pk in equal[name][:MOST]:
            yield pk, Ground.EQUAL_NAME, 100
        return
    core = COMMON_END.sub("", name)
    found = process.extract(core, names, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=MOST)
    for _name, likeness, pk in found:
        # Alike but for 管理 is not yet equal.
        yield pk, Ground.SIMILAR_NAME, min(round(likeness), 99)


def _plain(name: str) -> str:
    """The name without blanks and marks, as names are compared."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()
