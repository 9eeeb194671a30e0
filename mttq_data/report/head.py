"""The head and the foot of a document an office signs: who writes, under which state, when, to whom."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any

from mttq_data.codelists import phrases
from mttq_data.wording import check_lang, readable

_DAY = {
    "vi": ("ngày {d} tháng {m} năm {y}", "ngày      tháng {m} năm {y}", "ngày      tháng      năm {y}"),
    "en": ("{d}/{m}/{y}", "      /{m}/{y}", "      /      /{y}"),
}
_LISTS = {"committee", "recipients"}


@dataclass(frozen=True)
class Head:
    """What stands above and below the text; empty texts are left out.

    Attributes
    ----------
    committee, recipients : tuple of str
        Lines at the left of the head; lines under "Nơi nhận".
    state, motto : str
        At the right of the head.
    number, place : str
        Number and sign; place before the date.
    date : str
        ``2024-12-31``, ``2024-12`` or ``2024``; what is missing stays blank to
        be written in by hand.
    kind, subject : str
        Kind of document ("BÁO CÁO") and what it is about.
    signed_for, signer_title, signer_name : str
        The signature.
    """

    committee: tuple[str, ...] = ()
    state: str = ""
    motto: str = ""
    number: str = ""
    place: str = ""
    date: str = ""
    kind: str = ""
    subject: str = ""
    signed_for: str = ""
    signer_title: str = ""
    signer_name: str = ""
    recipients: tuple[str, ...] = ()


def office_head(lang: str = "vi", *, date: str = "", subject: str = "") -> Head:
    """The head of the office, from ``codes/report_head.csv``.

    Parameters
    ----------
    lang : {"vi", "en"}
    date, subject : str
        The document's own; the subject of the codelist by default.

    Returns
    -------
    Head

    Examples
    --------
    >>> office_head().motto
    'Độc lập - Tự do - Hạnh phúc'
    """
    said = phrases("report_head", check_lang(lang))
    values: dict[str, Any] = {}
    for field in fields(Head):
        text = said.get(field.name, "").strip()
        parts = tuple(readable(part) for part in text.split("|") if part.strip())
        values[field.name] = parts if field.name in _LISTS else text
    head = Head(**values)
    return replace(head, date=date, subject=subject or head.subject)


def place_and_date(head: Head, lang: str = "vi") -> str:
    """ "Bắc Giang, ngày 5 tháng 01 năm 2025", with room for what is not known.

    Examples
    --------
    >>> place_and_date(Head(place="Bắc Giang", date="2025-01-05"))
    'Bắc Giang, ngày 05 tháng 01 năm 2025'
    >>> place_and_date(Head(place="Bắc Giang"))
    'Bắc Giang, ngày      tháng      năm        '
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", head.date.strip())
    year, month, day = match.groups() if match else ("       ", None, None)
    full, some, little = _DAY[check_lang(lang)]
    form = full if day else some if month else little
    # Decree 30: a nought before days under 10 and the months 1 and 2.
    shown_month = month if month in ("01", "02") or not month else str(int(month))
    said = form.format(d=day, m=shown_month, y=year)
    return f"{head.place}, {said}" if head.place else said
