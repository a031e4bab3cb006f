"""Personal data as pages show it; the plain value needs a reason (``petitions.reveal``)."""

import re

_STARS = 8
_LEVELS = (
    "社区居委会",
    "社区",
    "居委会",
    "村委会",
    "街道办事处",
    "街道",
    "镇",
    "乡",
    "区",
    "县",
    "市",
)


def mask_name(name: str) -> str:
    """王建国 -> 王*国, 李四 -> 李*. A long name keeps its length to itself."""
    if len(name) <= 2:
        return name[:1] + "*" if name else ""
    hidden = len(name) - 2
    return f"{name[0]}{'*' * min(hidden, 3)}{name[-1]}"


def mask_id(number: str) -> str:
    """110107199001011234 -> 110107********1234; a short number keeps its last two characters."""
    if len(number) == 18:
        return f"{number[:6]}{'*' * _STARS}{number[-4:]}"
    return f"{'*' * _STARS}{number[-2:]}" if number else ""


def mask_phone(phone: str) -> str:
    """13812345678 -> 138****5678, 010-68607158 -> 010-****7158."""
    if re.fullmatch(r"1\d{10}", phone):
        return f"{phone[:3]}****{phone[-4:]}"
    if found := re.fullmatch(r"(0\d{2,3}-)\d+(\d{4})(-\d+)?", phone):
        return f"{found.group(1)}****{found.group(2)}"
    return f"****{phone[-4:]}" if phone else ""


def mask_address(address: str) -> str:
    """Down to the community and no further: 北京市石景山区古城街道**."""
    if not address:
        return ""
    for level in _LEVELS:
        place, found, _rest = address.partition(level)
        if found:
            return f"{place}{found}**"
    return "**"
