"""Identity numbers, telephone numbers, and text as people and spreadsheets write it.

Every function takes text as it was typed and gives back the one form that is stored and compared,
or raises ``ValidationError`` with a sentence a clerk can act on.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

# First two digits by GB/T 2260: 31 provinces, 71 Taiwan, and 81 to 83 on the residence permits of
# people from Hong Kong, Macao and Taiwan.
_PROVINCE = re.compile(
    r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9\d"  # 9: foreigners' permanent residence
)
OLDEST_BIRTH_YEAR = 1880

# Excel writes control characters of a cell as _xHHHH_; only these three occur in exported text.
_SPREADSHEET_ESCAPE = re.compile(r"_x000([9ADad])_")
# Controls but tab and line feed, format characters (joiners, direction marks), lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f\ud800-\udfff]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d{2})(\d{7,8})", re.ASCII)
_SERVICE_LINE = re.compile(r"1\d{2}|1[02]\d{3}|123\d{2}|9[56]\d{3,6}|[48]00\d{7}")


@dataclass(frozen=True)
class ResidentId:
    """A valid 18-character resident identity number and what it says about its holder."""

    number: str
    born_on: date
    sex: str
    """``M`` or ``F``: the last digit of the serial number is odd for men."""


def fold(text: str) -> str:
    """Prose as stored: no blank edges, control characters or spreadsheet escapes; words untouched.

    Full-width punctuation stays, for it is how Chinese is written.
    """
    if not text:
        return ""
    text = _SPREADSHEET_ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text)
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _INVISIBLE.sub("", text)
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def fold_line(text: str) -> str:
    """A name, title or code in one line: full-width letters and digits become plain ones (NFKC)."""
    return text and " ".join(fold(unicodedata.normalize("NFKC", text)).split())


def fold_key(text: str) -> str:
    """What two spellings of one name have in common; only ever indexed, never shown."""
    return "".join(fold_line(text).casefold().split())


def clean_resident_id(text: str, *, on: date) -> ResidentId:
    """Read a resident identity number 公民身份号码 (GB 11643) as of day ``on``."""
    number = "".join(fold_line(text).upper().split()).replace("-", "")
    _check_shape(number)
    born_on = _birth_date(number, on)
    if number[-1] != ric.calc_check_digit(number):
        raise ValidationError(
            _("The last character does not fit the others: one of the digits is mistyped."),
            "check_digit",
        )
    return ResidentId(number, born_on, "M" if int(number[16]) % 2 else "F")


def clean_other_id(text: str) -> str:
    """Read the number of a passport or another paper: letters and digits, 4 to 30 of them."""
    number = "".join(fold_line(text).upper().split()).replace("-", "")
    if not re.fullmatch(r"[A-Z0-9()（）一-鿿]{4,30}", number):
        raise ValidationError(
            _("The number of an identity paper has 4 to 30 letters and digits."), "id_format"
        )
    return number


def clean_phone(text: str) -> str:
    """Read a person's telephone number: mobile, landline with area code, or +country number."""
    number, extension = _split_extension(fold_line(text))
    if not number:
        raise ValidationError(_("Enter a telephone number."), "phone_format")
    if re.fullmatch(r"\+[1-9]\d{6,14}", number):
        return number
    if _MOBILE.fullmatch(number) and not extension:
        return number
    if found := _LANDLINE.fullmatch(number):
        return "-".join(part for part in (*found.groups(), extension) if part)
    raise _phone_error(number)


def phone_key(text: str) -> str:
    """The digits two spellings of one telephone number share, without an extension."""
    return re.sub(r"[^\d+]", "", _split_extension(fold_line(text))[0])


def looks_like_resident_id(text: str) -> bool:
    """Whether a search word can only be meant as a resident identity number."""
    return re.fullmatch(r"\d{17}[\dXx]", fold_key(text)) is not None


def looks_like_phone(text: str) -> bool:
    """Whether a search word can only be meant as a telephone number."""
    number = phone_key(text)
    return bool(_MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number))


def _check_shape(number: str) -> None:
    if re.fullmatch(r"\d{15}", number):
        raise ValidationError(
            _("This is a first-generation number with 15 digits; enter the one with 18."),
            "id_first_generation",
        )
    if len(number) != 18:
        raise ValidationError(
            _("A resident identity number has 18 characters; this one has %(count)d."),
            "id_length",
            {"count": len(number)},
        )
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise ValidationError(
            _("A resident identity number has digits only, and in the last place a digit or X."),
            "id_format",
        )
    if not _PROVINCE.fullmatch(number[:2]):
        raise ValidationError(
            _("No province has the code %(code)s, the first two digits."),
            "id_province",
            {"code": number[:2]},
        )


def _birth_date(number: str, on: date) -> date:
    digits = number[6:14]
    try:
        born_on = ric.get_birth_date(number)
    except InvalidComponent:
        raise ValidationError(
            _("Digits 7 to 14 must be the date of birth; there is no day %(digits)s."),
            "id_birth_date",
            {"digits": digits},
        ) from None
    if born_on > on or born_on.year < OLDEST_BIRTH_YEAR:
        raise ValidationError(
            _("Digits 7 to 14 must be the date of birth; nobody alive was born on %(digits)s."),
            "id_birth_date",
            {"digits": digits},
        )
    return born_on


def _split_extension(text: str) -> tuple[str, str]:
    main, _separator, extension = re.sub(
        r"转|ext\.?|分机", "#", text, flags=re.IGNORECASE
    ).partition("#")
    number = re.sub(r"[\s()\-.—–]", "", main)
    if found := re.fullmatch(r"\s*(0\d{2,3}-?\d{7,8})-(\d{1,5})\s*", main):
        number, extension = found.group(1).replace("-", ""), found.group(2)
    number = re.sub(r"^(\+86|0086|86(?=1[3-9]\d{9}$))", "", number)
    return re.sub(r"^00(?=[1-9])", "+", number), re.sub(r"\D", "", extension)


def _phone_error(number: str) -> ValidationError:
    if _SERVICE_LINE.fullmatch(number):
        return ValidationError(
            _("%(number)s is a service line, not a person's telephone number."),
            "phone_service_line",
            {"number": number},
        )
    if re.fullmatch(r"\d{7,8}", number):
        return ValidationError(
            _("Enter a landline with its area code, such as 010-68607158."), "phone_area_code"
        )
    if re.fullmatch(r"1\d*", number):
        return ValidationError(
            _("A mobile number has 11 digits; this one has %(count)d or begins wrongly."),
            "phone_format",
            {"count": len(number)},
        )
    return ValidationError(_("This is not a telephone number."), "phone_format")
