"""Shijingshan District (110107): its 9 streets and 153 communities by official code."""

from agents.models import Area
from agents.reference.trees import Loaded, load_tree, read_rows

FILE = "areas_110107.csv"
DISTRICT_CODE = "110107000000"
CODE_CHARS = 12

# How many digits of a code name the province, city, district, street and community.
_DIGITS = (2, 4, 6, 9, 12)


def load_areas() -> Loaded:
    """Make the areas that are missing. 165 in all: province, city, district and all below."""
    return load_tree(Area, read_rows(FILE), parent_code)


def parent_code(code: str) -> str | None:
    """The code one level up: 110107001003 -> 110107001000; None for a province."""
    used = next(digits for digits in _DIGITS if set(code[digits:]) <= {"0"})
    above = _DIGITS.index(used) - 1
    return None if above < 0 else code[: _DIGITS[above]].ljust(CODE_CHARS, "0")
