"""The glossary and the screen use the same words."""

from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]


def rows() -> list[tuple[str, str]]:
    """English and Chinese of each row of the tables."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [(english, chinese) for english, chinese, _code in cells if english != "English"]


def test_glossary_says_what_the_screen_says() -> None:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        on_screen: dict[str, set[str]] = {}
        for message in read_po(file):
            if isinstance(message.id, str):
                on_screen.setdefault(message.id.casefold(), set()).add(str(message.string))

    differing = [row for row in rows() if row[1] not in on_screen.get(row[0].casefold(), {row[1]})]
    assert differing == []
