"""Numbers and codes people write down and read out: a petition's, and those to ask and to rate.

A petition's number is digits only, so that it can be dictated by telephone in any dialect, and
ends in a check digit that catches every single mistyped digit and most swapped neighbours.
"""

import re
import secrets

from django.conf import settings
from stdnum.iso7064 import mod_11_10

from petitions.identity import fold_key
from workflow.numbering import next_values

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: what is read from paper or heard must have one reading.
CODE_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
QUERY_CODE_LENGTH = 8
RATING_CODE_LENGTH = 10

_NUMBER = re.compile(r"(\d{4})(\d{6,})(\d)")


def petition_number(year: int, sequence: int) -> str:
    """The number of the `sequence`-th petition of `year`: 2026-000123-4."""
    digits = f"{year:04d}{sequence:06d}"
    return f"{settings.NUMBER_PREFIX}{digits[:4]}-{digits[4:]}-{mod_11_10.calc_check_digit(digits)}"


def next_numbers(count: int, year: int) -> list[str]:
    """Take `count` petition numbers of `year` in one statement."""
    return [petition_number(year, value) for value in next_values(f"petition:{year}", count)]


def read_number(text: str) -> str | None:
    """The number as it is stored, from however it was typed; None if its check digit is wrong."""
    digits = fold_key(text).upper().removeprefix(settings.NUMBER_PREFIX.upper())
    found = _NUMBER.fullmatch(re.sub(r"\D", "", digits))
    if found is None or not mod_11_10.is_valid("".join(found.groups())):
        return None
    return f"{settings.NUMBER_PREFIX}{'-'.join(found.groups())}"


def is_valid_number(text: str) -> bool:
    """Whether `text` can be the number of a petition of ours."""
    return read_number(text) is not None


def new_query_code() -> str:
    """A random code that reads the progress of one petition, and does nothing else."""
    return _random_code(QUERY_CODE_LENGTH)


def new_rating_code() -> str:
    """A random code with which the petitioner, and nobody else, rates, withdraws or revokes."""
    return _random_code(RATING_CODE_LENGTH)


def _random_code(length: int) -> str:
    chance, signs = secrets.randbelow(len(CODE_ALPHABET) ** length), []
    for _place in range(length):
        chance, place = divmod(chance, len(CODE_ALPHABET))
        signs.append(CODE_ALPHABET[place])
    return "".join(signs)
