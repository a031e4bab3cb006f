"""The article behind each ground of non-acceptance: data, because law changes."""

from __future__ import annotations

import json
from pathlib import Path

from django.utils.translation import get_language

from workflow.codes import DeclineReason

_ROWS = json.loads((Path(__file__).parent / "decline_reasons.json").read_text(encoding="utf-8"))
_ARTICLES: dict[str, dict[str, str]] = {row["code"]: row for row in _ROWS}


def article(reason: DeclineReason) -> str:
    """The article in the reader's language."""
    row = _ARTICLES[reason]
    return row["article"] if (get_language() or "").startswith("zh") else row["article_en"]


def with_article(reason: DeclineReason) -> str:
    """The ground with its article, for lists of choices."""
    return f"{reason.label} · {article(reason)}"
