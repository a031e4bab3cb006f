"""The proposed category tree: 29 first-level names of our own, marked not official.

The city's own tree is not public. An office loads its own as another scheme, or edits this one.
"""

from agents.models import Category
from agents.reference.trees import Loaded, load_tree, read_rows

FILE = "categories_proposed.csv"
DIGITS_A_LEVEL = 2


def load_categories() -> Loaded:
    """Make the categories that are missing; names an office changed stay changed."""
    scheme = {"scheme": Category.PROPOSED}
    return load_tree(Category, read_rows(FILE), parent_code, scheme)


def parent_code(code: str) -> str | None:
    """The code one level up: "0801" -> "08"; None for a first level."""
    return code[:-DIGITS_A_LEVEL] or None
