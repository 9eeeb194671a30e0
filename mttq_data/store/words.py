"""The store's codes in words."""

from __future__ import annotations

from mttq_data.wording import check_lang

_WORDS = {
    "in time": ("đúng hạn", "in time"),
    "late": ("chậm", "late"),
    "missing": ("chưa gửi", "missing"),
    "with errors": ("có lỗi", "with errors"),
    "load": ("nạp", "load"),
    "reread": ("kiểm tra lại", "checked again"),
    "accept": ("chấp nhận", "accept"),
    "refuse": ("không chấp nhận", "refuse"),
    "withdraw": ("rút lại", "withdraw"),
    "undo": ("hủy", "undo"),
    "clock": ("chỉnh đồng hồ", "clock"),
}


def word_for(code: object, lang: str = "vi") -> str:
    """A status of `Store.status` or an action of `Store.audit` in words.

    Examples
    --------
    >>> word_for("in time"), word_for("undo", "en")
    ('đúng hạn', 'undo')
    """
    at = 0 if check_lang(lang) == "vi" else 1
    return _WORDS[str(code)][at] if str(code) in _WORDS else str(code)
