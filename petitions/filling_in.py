"""Fields in a text that goes to many petitioners: 【姓名】 becomes each one's own name.

Written in the brackets of a mail merge, in Chinese or in English; a field that nobody knows is
refused before anything is done, else it would stand on every paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from petitions.models import Petition
from petitions.templatetags.look import paper_day

_FIELD = re.compile(r"【\s*([^【】\n]{1,12}?)\s*】|\[\s*(name|number|received)\s*\]", re.IGNORECASE)


def _name(case: Petition) -> str:
    return case.petitioner.name or _("Petitioner")


def _name_masked(case: Petition) -> str:
    return case.petitioner.name_masked or _("Petitioner")


def _number(case: Petition) -> str:
    return case.number


def _received(case: Petition) -> str:
    return paper_day(case.received_at)


Value = Callable[[Petition], str]
FIELDS: Mapping[str, Value] = {
    "姓名": _name,
    "编号": _number,
    "收到日期": _received,
    "name": _name,
    "number": _number,
    "received": _received,
}
"""What may stand between the brackets."""


def unknown_fields(text: str) -> list[str]:
    """What stands in 【】 and is no field, each once."""
    found = (one.group(1) for one in _FIELD.finditer(text))
    return list(dict.fromkeys(name for name in found if name and name.lower() not in FIELDS))


def filled_in(text: str, case: Petition, *, masked: bool = False) -> str:
    """The text as this petitioner gets it; `masked`: as a page may show it."""

    def value(found: Any) -> str:
        name = (found.group(1) or found.group(2)).lower()
        known = FIELDS.get(name)
        if known is None:
            return str(found.group())
        return _name_masked(case) if masked and known is _name else known(case)

    return _FIELD.sub(value, text)
