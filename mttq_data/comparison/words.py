"""A comparison told in a sentence a report can take over, in Vietnamese and English.

The wording is ``codes/comparison_words.csv``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from mttq_data.codelists import read_codelist
from mttq_data.comparison.derived import rules
from mttq_data.comparison.figure_texts import amounts, both, figures, number_texts
from mttq_data.comparison.harmonising import distinct
from mttq_data.comparison.spans import span_of
from mttq_data.wording import label, unit_name

if TYPE_CHECKING:
    import pandas as pd

_FIELDS = ("Name", "name", "a", "b", "pa", "pb", "change", "reason")
_REMARKS = ("periods", "disagree")


def words(lang: str) -> dict[str, str]:
    """The codelist in one language, by key."""
    return {row["key"]: row[lang] for row in read_codelist("comparison_words", key=["key"], required=["vi", "en"])}


def add_words(frame: pd.DataFrame) -> None:
    """Add ``why_vi, why_en, scope, area, a_role, b_role, unit`` to a frame of judged pairs."""
    import pandas as pd

    for name in ("unit", "area", "scope"):
        a, b = frame[f"a_{name}"].to_numpy(object), frame[f"b_{name}"].to_numpy(object)
        filled = a.astype(bool)
        frame[name] = a if filled.all() else np.where(filled, a, b)
    for p in "ab":
        klass = frame[f"{p}_klass"].to_numpy(object)
        frame[f"{p}_role"] = np.where(klass == "result", "actual", klass)
    say = {lang: words(lang) for lang in ("vi", "en")}
    vague = {lang: told["vague"] for lang, told in say.items()}
    a_texts, b_texts = (figures(frame, p, vague) for p in "ab")
    moves = _Moves(frame)
    places, kinds = _places(frame), _kinds(frame, say["vi"])
    for lang, told in say.items():
        first, second = _yearly(frame, "a", a_texts[lang], told), _yearly(frame, "b", b_texts[lang], told)
        told_pairs = _sentences(frame, kinds, first, second, moves.texts(lang, told), places, lang, told)
        frame[f"why_{lang}"] = pd.Series(told_pairs, index=frame.index, dtype=object)


def _kinds(frame: pd.DataFrame, say: dict[str, str]) -> list[str]:
    """Which sentence tells each pair."""
    known: dict[tuple[str, str, bool], str] = {}
    ranked = (frame["b_unit"].to_numpy(object) == "rank").tolist()
    keys = list(zip(plain(frame, "mode"), plain(frame, "verdict"), ranked, strict=True))
    for mode, verdict, rank in set(keys):
        kind = f"{mode}_{'not' if verdict == 'not comparable' else verdict}"
        kind = "target_alone" if kind == "alone_not" else kind
        known[mode, verdict, rank] = f"{kind}_rank" if rank and f"{kind}_rank" in say else kind
    return [known[key] for key in keys]


def _sentences(
    frame: pd.DataFrame,
    kinds: list[str],
    a: list[str],
    b: list[str],
    change: list[str],
    places: list[str],
    lang: str,
    say: dict[str, str],
) -> list[str]:
    spans = {t: span_of(t) for t in distinct(frame["a_period"]) | distinct(frame["b_period"])}
    periods = {t: s.vi if lang == "vi" else s.en for t, s in spans.items()}
    pa, pb = ([periods[t] for t in plain(frame, f"{p}_period")] for p in "ab")
    reason = _reasons(frame, a, b, lang, say)
    made = {kind: _compiled(say[kind]).format for kind in set(kinds)}
    titles, within = _titles(frame, places, lang, say)
    rows = zip(kinds, titles, within, a, b, pa, pb, change, reason, strict=True)
    out = [made[k](t, w, x, y, px, py, c, r) for k, t, w, x, y, px, py, c, r in rows]
    return _with_remarks(frame, out, lang, say)


def plain(frame: pd.DataFrame, column: str) -> list[str]:
    """A text column as a list; quicker than the column's own way."""
    cells: list[str] = frame[column].to_numpy(object).tolist()
    return cells


def _compiled(template: str) -> str:
    """A template with numbered places: ``str.format`` is then quick enough for every row."""
    for at, name in enumerate(_FIELDS):
        template = template.replace("{" + name + "}", "{" + str(at) + "}")
    # A place the office mistyped is left out instead of stopping the table.
    return re.sub(r"\{(?!\d\})|(?<!\{\d)\}", "", template)


def _titles(frame: pd.DataFrame, places: list[str], lang: str, say: dict[str, str]) -> tuple[list[str], list[str]]:
    """What is compared, as a sentence begins with it and as it stands within one; below the province with the place."""
    catalogue = {row["id"]: row.get(f"name_{lang}", "") for row in read_codelist("indicators", key=["id"])}
    proper = tuple(p.strip() for p in say["proper"].split("|"))
    begin, within = {}, {}
    for indicator in distinct(frame["indicator"]):
        name = catalogue.get(indicator) or indicator.replace("_", " ")
        kept = name[1:2].isupper() or name.startswith(proper)
        begin[indicator] = name[:1].upper() + name[1:]
        within[indicator] = name if kept else name[:1].lower() + name[1:]
    ids = plain(frame, "indicator")
    titles, lowers = [begin[i] for i in ids], [within[i] for i in ids]
    if any(places):
        titles = [f"{p}: {low}" if p else t for t, low, p in zip(titles, lowers, places, strict=True)]
        lowers = [f"{low} ({p})" if p else low for low, p in zip(lowers, places, strict=True)]
    return titles, lowers


def _places(frame: pd.DataFrame) -> list[str]:
    """Names of the areas below the province; plain names as they stand."""
    from mttq_data.places.area_codes import areas

    codes = {a for a in distinct(frame["area"]) if a}
    below = {a for a in codes if not (a.isdigit() and len(a) == 2)}
    if not below:
        return [""] * len(frame)
    known: dict[str, str] = {}
    if any(a.isdigit() for a in below):
        table = areas(on=None).drop_duplicates("code", keep="first")
        known = dict(zip(table["code"], table["full_name"], strict=True))
    names = {a: known.get(a, a) if a in below else "" for a in {*codes, ""}}
    return [names[a] for a in plain(frame, "area")]


def _yearly(frame: pd.DataFrame, p: str, texts: list[str], say: dict[str, str]) -> list[str]:
    """Figures put on a year, said so."""
    averaged = frame[f"{p}_averaged"].to_numpy(bool)
    yearly = (frame["basis"] == "per year").to_numpy() & (averaged | (frame[f"{p}_per"] == "year").to_numpy())
    around = [say["each"].split("{figure}"), say["average"].split("{figure}")]
    texts = list(texts)
    for at, average in zip(np.flatnonzero(yearly).tolist(), averaged[yearly].tolist(), strict=True):
        texts[at] = texts[at].join(around[average])
    return texts


class _Moves:
    """How far apart the figures of each pair are, in numbers that both languages share."""

    def __init__(self, frame: pd.DataFrame) -> None:
        change, percent = frame["change"].to_numpy(float), frame["change_pct"].to_numpy(float)
        moved = frame["verdict"].isin(["rise", "fall"]).to_numpy()
        points = frame["basis"].isin(["share", "point"]).to_numpy()
        units = np.where(points, "", frame["b_unit"].to_numpy(object)).astype(object)
        self.count = len(frame)
        # Only where the sentence tells it: formatting is what takes the time.
        self.at = at = np.flatnonzero(moved & ~np.isnan(change))
        self.points = points[at].tolist()
        self.sizes = amounts(np.abs(change[at]), units[at])
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (frame["b_value"].to_numpy(float) / frame["a_value"].to_numpy(float))[at]
        percent = percent[at]
        many = (ratio >= 1.5) & np.isfinite(ratio) & ~np.isnan(percent)
        self.shares = both(number_texts(np.where(many, ratio, np.nan_to_num(np.abs(percent))).round(1)))
        self.kind = np.where(np.isnan(percent), "change", np.where(many, "change_times", "change_pct")).tolist()
        own = (frame["mode"] == "result").to_numpy()
        rose = (frame["verdict"] == "rise").to_numpy()
        lead = np.where(own, np.where(rose, "lead_rise", "lead_fall"), "lead_other")
        self.lead = lead[at].tolist()
        ends = np.abs(frame[["change_low", "change_high"]].to_numpy(float))
        self.ranges = np.flatnonzero(moved & np.isnan(change) & ~np.isnan(ends).any(axis=1))
        self.range_lead = lead[self.ranges].tolist()
        self.in_points = {int(row) for row in self.ranges if points[row]}
        self.least = amounts(ends[self.ranges].min(axis=1), units[self.ranges])
        self.most = amounts(ends[self.ranges].max(axis=1), units[self.ranges])

    def texts(self, lang: str, say: dict[str, str]) -> list[str]:
        """The phrase of each pair; empty where nothing is known."""
        named = {"lead": "{0}", "d": "{1}"}
        made = {k: re.sub(r"\{(lead|d|p|t)\}", lambda m: named.get(m[1], "{2}"), say[k]).format
                for k in ("change", "change_pct", "change_times")}  # fmt: skip
        tail = f" {say['points']}"
        out = [""] * self.count
        rows = zip(
            self.at.tolist(), self.kind, self.lead, self.sizes[lang], self.points, self.shares[lang], strict=True
        )
        for at, kind, lead, size, is_points, share in rows:
            out[at] = made[kind](say[lead], size + tail if is_points else size, share)
        for at, lead, low, high in zip(
            self.ranges.tolist(), self.range_lead, self.least[lang], self.most[lang], strict=True
        ):
            out[at] = say["change_between"].format(
                lead=say[lead], l=low, h=high + (tail if at in self.in_points else "")
            )
        return out


def _reasons(frame: pd.DataFrame, a: list[str], b: list[str], lang: str, say: dict[str, str]) -> list[str]:
    """What stands behind a verdict that is no plain one."""
    derived = {row["indicator"]: row.get(f"reason_{lang}", "") for row in rules()}
    loose = [np.isnan(frame[[f"{p}_low", f"{p}_high"]].to_numpy(float)).any(axis=1).tolist() for p in "ab"]
    codes = plain(frame, "reason")
    out = [""] * len(codes)
    detail_a, detail_b, ids, notes = (plain(frame, c) for c in ("detail_a", "detail_b", "indicator", "a_notes"))
    before, after = say["bounds"].split("{which}")
    for at, said in enumerate(codes):
        if not said:
            continue
        code = said.split(" ", 1)[0]
        if code == "bounds":
            which = f"{a[at]}; {b[at]}" if loose[0][at] and loose[1][at] else a[at] if loose[0][at] else b[at]
            out[at] = before + which + after
        elif code in ("other", "related") or (code == "ranges" and "between" in notes[at]):
            out[at] = derived.get(ids[at]) or say["ranges"]
        else:
            out[at] = _detailed(code, detail_a[at], detail_b[at], lang, say)
    return out


def _detailed(code: str, a: str, b: str, lang: str, say: dict[str, str]) -> str:
    if code == "break":
        return a if lang == "vi" else b
    if code == "area":
        return say["area"].format(d=a if lang == "vi" else b)
    if code == "units":
        return say["units"].format(ua=unit_name(a, lang), ub=unit_name(b, lang))
    if code == "scopes":
        return say["scopes"].format(sa=label("scope", a, lang), sb=label("scope", b, lang))
    if code == "standards":
        named = {row["id"]: row[f"name_{lang}"] for row in read_codelist("standards", key=["id"])}
        return say["standards"].format(sa=named.get(a, a), sb=named.get(b, b))
    return say.get(code, code)


def _with_remarks(frame: pd.DataFrame, sentences: list[str], lang: str, say: dict[str, str]) -> list[str]:
    """A second sentence where a figure was harmonised: how, and from what."""
    derived = {row["indicator"]: (row["how"], row.get(f"reason_{lang}", "")) for row in rules()}
    totals = [indicator for indicator, (how, _) in derived.items() if how == "total"]
    zero = (frame["a_value"] == 0) & (frame["b_value"] != 0) & frame["verdict"].isin(["rise", "fall"])
    zero &= ~frame["basis"].isin(["share", "point"])
    same_bound = " " + say["same_bound"][:1].upper() + say["same_bound"][1:] + "."
    for at in np.flatnonzero(frame["reason"].to_numpy(object) == "same_bound").tolist():
        sentences[at] += same_bound
    notes = [
        f"{x} {y}" if x or y else "" for x, y in zip(plain(frame, "a_notes"), plain(frame, "b_notes"), strict=True)
    ]
    noted = np.array([bool(n) for n in notes]) | frame["indicator"].isin(totals).to_numpy() | zero.to_numpy()
    ids, hindered = plain(frame, "indicator"), frame["hindered"].tolist()
    details = [plain(frame, f"{p}_detail_{lang}") for p in "ab"]
    for at in np.flatnonzero(noted).tolist():
        codes = notes[at].split()
        how, text = derived.get(ids[at], ("", ""))
        told = [text] if text and not hindered[at] and (how == "total" or (how == "sum" and how in codes)) else []
        if "per_unit" in codes:
            told.append(say["per_unit"].replace("{detail}", details[0][at] or details[1][at]))
        told += [say[c] for c in dict.fromkeys(codes) if c in _REMARKS and say[c] not in sentences[at]]
        told += [say["zero_base"]] if zero.iat[at] else []
        sentences[at] += "".join(f" {t[:1].upper()}{t[1:]}." for t in told)
    return sentences
