"""docs/lifecycle.md is what the declaration says."""

from pathlib import Path

from django.utils import translation

from workflow.description import as_markdown

DOCS = Path(__file__).parents[2] / "docs"


def test_lifecycle_page_is_written_from_the_declaration() -> None:
    written = (DOCS / "lifecycle.md").read_text(encoding="utf-8")

    with translation.override("en"):
        assert written == as_markdown(), "renew: bin/manage show_lifecycle > docs/lifecycle.md"
