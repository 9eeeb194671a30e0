"""What a Vietnamese numeral is worth: 5.142 and 2,67, 1 tỷ 250 triệu, hai mươi lăm."""

from __future__ import annotations

import re
from functools import lru_cache

from mttq_data.folding import Line, fold

# No measured amount is longer; longer runs of digits are account or serial numbers.
MAX_DIGITS = 18

SCALES = {
    "trăm": 1e2,
    "nghìn": 1e3,
    "ngàn": 1e3,
    "vạn": 1e4,
    "triệu": 1e6,
    "tr": 1e6,
    "tỉ": 1e9,
    "trăm nghìn": 1e5,
    "trăm ngàn": 1e5,
    "trăm triệu": 1e8,
    "chục nghìn": 1e4,
    "chục ngàn": 1e4,
    "chục": 1e1,
    "nghìn tỉ": 1e12,
    "ngàn tỉ": 1e12,
    "triệu tỉ": 1e15,
}
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5,
    "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip


@lru_cache(maxsize=4096)
def read_number(text: str) -> float | None:
    """Read digits as Vietnamese writes them: dot for thousands, comma for decimals.

    One dot before exactly three digits is a thousands dot ("5.142"); before
    any other count of digits it is a decimal point somebody typed the English
    way ("2.67"). A comma is decimal ("15,800" is 15.8) unless several stand at
    thousands ("1,234,567"). Spaces may part thousands ("10 000") and follow a
    decimal comma ("17, 29").

    Parameters
    ----------
    text : str
        Digits with separators, no sign, no unit.

    Returns
    -------
    float or None
        None when the digits are no amount (too long, mixed separators).

    Examples
    --------
    >>> read_number("5.142"), read_number("2,67"), read_number("2.171.664,661")
    (5142.0, 2.67, 2171664.661)
    >>> read_number("1.2.3") is None
    True
    """
    if len(text) > MAX_DIGITS + 8:
        return None
    plain = text.replace(", ", ",")
    if re.fullmatch(r"\d{1,3}(?: \d{3})+(?:,\d+)?", plain):
        plain = plain.replace(" ", "")
    dots, commas = plain.count("."), plain.count(",")
    if commas == 0 and dots == 0:
        pass
    elif commas == 0 and (_THOUSANDS.fullmatch(plain)) and not plain.startswith("0"):
        plain = plain.replace(".", "")
    elif commas == 0 and dots == 1:
        pass
    elif dots == 0 and commas == 1:
        plain = plain.replace(",", ".")
    elif dots == 0 and re.fullmatch(r"\d{1,3}(?:,\d{3})+", plain):
        plain = plain.replace(",", "")
    elif commas == 1 and re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif dots == 1 and re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+", plain):
        plain = plain.replace(",", "")
    else:
        return None
    if sum(c.isdigit() for c in plain) > MAX_DIGITS:
        return None
    try:
        return float(plain)
    except ValueError:
        return None


def scaled(number: float, scale: str) -> float:
    """Multiply by a folded scale word without binary noise: 1,12 tỷ is 1120000000.0."""
    return round(number * SCALES[scale], 6) if scale else number


_AMOUNT_PART = re.compile(
    r"\s*(?P<number>\d+(?:[.,]\d+)*)\s*(?P<scale>nghìn tỉ|ngàn tỉ|tỉ|triệu|tr|trăm nghìn|nghìn|ngàn|vạn|chục|trăm)?\b(?P<half> rưỡi)?"
)


def read_amount(text: str) -> float | None:
    """Read an amount with its scale words; what follows the last of them is left unread.

    Parameters
    ----------
    text : str
        "2 tỷ 350 triệu", "1,9 triệu", "5.142", "bảy", "2 tỷ rưỡi".

    Returns
    -------
    float or None
        None where no amount begins the text.

    Examples
    --------
    >>> read_amount("2 tỷ 350 triệu đồng")
    2350000000.0
    >>> read_amount("hai mươi lăm")
    25.0
    """
    low = Line(text.strip()).low
    if low[:1] == "-" or low.startswith("âm "):
        inner = read_amount(low.removeprefix("âm").removeprefix("-"))
        return None if inner is None else -inner
    total, last, position = 0.0, float("inf"), 0
    while found := _AMOUNT_PART.match(low, position):
        number, scale = read_number(found["number"]), found["scale"] or ""
        factor = SCALES.get(scale, 1.0)
        if number is None or factor >= last:
            break
        total += scaled(number, scale) + (factor / 2 if found["half"] else 0)
        last, position = factor, found.end()
        if not scale:
            break
    if position:
        return total
    return read_words(low)


def read_words(text: str) -> float | None:
    """Read a number written in words, nothing else in the text.

    Parameters
    ----------
    text : str
        "mười hai", "một trăm linh năm", "hai nghìn ba trăm", "ba phẩy năm".

    Returns
    -------
    float or None
        None where a word is no number word or the order is impossible.

    Examples
    --------
    >>> read_words("một trăm linh năm"), read_words("hai mươi mốt")
    (105.0, 21.0)
    >>> read_words("nhiều") is None
    True
    """
    words = fold(text).split()
    if not words:
        return None
    if words[0] == "âm":
        inner = read_words(" ".join(words[1:]))
        return None if inner is None else -inner
    if "phẩy" in words or "chấm" in words:
        at = words.index("phẩy" if "phẩy" in words else "chấm")
        whole, rest = read_words(" ".join(words[:at])), words[at + 1 :]
        return None if whole is None else _with_decimals(whole, rest)
    half = words[-1] == "rưỡi" and len(words) > 2
    value = _in_groups(words[:-1] if half else words)
    if half and value is not None and words[-2] in SCALES:
        value += SCALES[words[-2]] / 2
    return value


def _with_decimals(whole: float, words: list[str]) -> float | None:
    scale = ""
    while words and words[-1] in {"nghìn", "ngàn", "triệu", "tỉ"}:
        scale = f"{words.pop()} {scale}".strip()
    if words and all(w in _DIGITS for w in words):
        digits = "".join(str(_DIGITS[w]) for w in words)
    else:
        value = _in_groups(words)
        if value is None or value != int(value):
            return None
        digits = str(int(value))
    if scale and scale not in SCALES:
        return None
    return scaled(float(f"{int(whole)}.{digits}"), scale)


def _in_groups(words: list[str]) -> float | None:
    """Sum groups of up to three digits, each with its scale: (hai trăm) nghìn (năm mươi)."""
    total, group, last = 0.0, [], float("inf")
    for word in words:
        factor = SCALES.get(word) if word in {"nghìn", "ngàn", "vạn", "triệu", "tỉ"} else None
        if factor is None:
            group.append(word)
            continue
        if not group and total and factor > last:
            total, last = total * factor, factor
            continue
        value = _below_thousand(group)
        if value is None or (factor >= last and factor != 1e3):
            return None
        total, group, last = total + value * factor, [], factor
    if group:
        value = _below_thousand(group)
        if value is None:
            return None
        # "hai nghìn ba" is spoken for 2.300: a lone digit takes the next lower order.
        total += value * last / 10 if len(group) == 1 and 0 < value < 10 and 1e3 <= last < 1e12 else value
    return total if words else None


def _below_thousand(words: list[str]) -> float | None:
    """Read "ba trăm linh năm", "mười hai", "hai mươi mốt", "hai mốt", plain digits."""
    text = "một trăm" if words == ["trăm"] else " ".join(words)
    found = _BELOW_THOUSAND.fullmatch(text)
    if not found:
        return None
    value = 0
    if found["hundreds"]:
        value += _DIGITS[found["hundreds"]] * 100
    if found["linh"]:
        return float(value + _DIGITS[found["linh"]])
    if found["teen"] is not None:
        value += 10 + (_DIGITS[found["teen"].strip()] if found["teen"].strip() else 0)
    elif found["tens"]:
        value += _DIGITS[found["tens"]] * 10 + (_DIGITS[found["units"].strip()] if found["units"] else 0)
    elif found["short_tens"]:
        value += _DIGITS[found["short_tens"]] * 10 + _DIGITS[found["short_units"]]
    elif found["digit"]:
        # "một trăm hai" is 120; 102 is said "một trăm linh hai".
        value += _DIGITS[found["digit"]] * (10 if found["hundreds"] else 1)
    elif found["chuc"]:
        value += _DIGITS[found["chuc"]] * 10
    elif found["ta"]:
        value += _DIGITS[found["ta"]] * 12
    return float(value)


_D = "không|một|hai|ba|bốn|tư|năm|sáu|bảy|bẩy|tám|chín"
_U = "mốt|một|hai|ba|bốn|tư|lăm|nhăm|năm|sáu|bảy|bẩy|tám|chín"
_BELOW_THOUSAND = re.compile(
    rf"(?:(?P<hundreds>{_D}) trăm)? ?"
    rf"(?:(?:linh|lẻ) (?P<linh>{_U})|mười(?P<teen> (?:{_U})|)|(?P<tens>{_D}) mươi(?P<units> (?:{_U}))?"
    rf"|(?P<short_tens>{_D}) (?P<short_units>mốt|lăm|nhăm|tư|{_D})|(?P<chuc>{_D}) chục|(?P<ta>{_D}) tá|(?P<digit>{_D}))?"
)
