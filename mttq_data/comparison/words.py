"""A comparison told in a sentence a report can take over, in Vietnamese and English.

The wording is ``codes/comparison_words.csv``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from mttq_data.codelists import keyed, phrases
from mttq_data.comparison.derived import rules
from mttq_data.comparison.figure_texts import BOUNDS, amounts, both, figures, number_texts, objects, ranges
from mttq_data.comparison.harmonising import STAGES, distinct, filled
from mttq_data.comparison.spans import span_of
from mttq_data.comparison.territories import area_name
from mttq_data.wording import label, unit_name

if TYPE_CHECKING:
    import pandas as pd

_REMARKS = ("periods", "disagree", "season")
# Reasons told without the figure that is not there.
_BARE = ("no_figure", "missing")
# The unit at the end of a name stands behind the figure already.
_TWICE = re.compile(r"\(([^()]+) (?:và|and) \1\)")
_UNIT_OF_NAME = re.compile(r" \((điểm %|m2|ha|số)\)$|, (points|m2|hectares|number)$")


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
    say = {lang: phrases("comparison_words", lang) for lang in ("vi", "en")}
    texts = {p: figures(frame, p, _year_words(frame, p), say) for p in "ab"}
    moves, kinds, places = _Moves(frame), _kinds(frame, say["vi"]), _places(frame)
    for lang, told in say.items():
        fields = {p: objects(texts[p][lang]) for p in "ab"} | {"change": moves.texts(lang, told), "place": places}
        frame[f"why_{lang}"] = pd.Series(_sentences(frame, kinds, fields, lang, told), index=frame.index, dtype=object)


def _year_words(frame: pd.DataFrame, p: str) -> np.ndarray:
    """0 for a plain figure, 1 for one of each year, 2 for one put on a year."""
    averaged = frame[f"{p}_averaged"].to_numpy(bool)
    yearly = (frame["basis"].to_numpy(object) == "per year") & (averaged | (frame[f"{p}_per"] == "year").to_numpy())
    return np.where(yearly, 1 + averaged, 0)


def _kinds(frame: pd.DataFrame, say: dict[str, str]) -> dict[str, np.ndarray]:
    """Which sentence tells which pairs."""
    import pandas as pd

    verdict = frame["verdict"].to_numpy(object)
    mode = frame["mode"].to_numpy(object).copy()
    mode[_own(frame)] = "own"
    mode[_backwards(frame) & ((verdict == "rise") | (verdict == "fall"))] = "back"
    bare = np.flatnonzero(frame["hindered"].to_numpy())
    reasons = frame["reason"].to_numpy(object)[bare].tolist()
    mode[bare] = [r if r in _BARE else m for r, m in zip(reasons, mode[bare].tolist(), strict=True)]
    modes, mode_names = pd.factorize(mode)
    judged, verdict_names = pd.factorize(verdict)
    rank = (frame["b_unit"].to_numpy(object) == "rank").astype(int)
    code = (modes * len(verdict_names) + judged) * 2 + rank
    out: dict[str, list[np.ndarray]] = {}
    for one in np.flatnonzero(np.bincount(code)).tolist():
        judgement = verdict_names[one // 2 % len(verdict_names)]
        kind = f"{mode_names[one // 2 // len(verdict_names)]}_{'not' if judgement == 'not comparable' else judgement}"
        kind = "target_alone" if kind == "alone_not" else kind
        ranked = f"{kind}_rank" if one % 2 and f"{kind}_rank" in say else kind
        out.setdefault(ranked, []).append(np.flatnonzero(code == one))
    return {kind: np.concatenate(rows) for kind, rows in out.items()}


def _own(frame: pd.DataFrame) -> np.ndarray:
    """Targets of the same time: those the result answers to."""
    within = (frame["a_start"] >= frame["b_start"]) & (frame["a_end"] <= frame["b_end"])
    return ((frame["mode"] == "target") & within).to_numpy()


def _backwards(frame: pd.DataFrame) -> np.ndarray:
    """Results of which the first is the later one."""
    return (frame["a_start"] > frame["b_end"]).to_numpy() & (frame["mode"] == "result").to_numpy()


def _sentences(
    frame: pd.DataFrame, kinds: dict[str, np.ndarray], fields: dict[str, np.ndarray], lang: str, say: dict[str, str]
) -> list[str]:
    """The sentence of each pair: one pass for each kind, over the columns that kind tells."""
    spans = {t: span_of(t) for t in distinct(frame["a_period"]) | distinct(frame["b_period"])}
    periods = {t: s.vi if lang == "vi" else s.en for t, s in spans.items()}
    alike = {}
    for p in "ab":
        texts = [periods[t] for t in plain(frame, f"{p}_period")]
        fields[f"p{p}"] = objects(texts)
        if len(set(texts)) == 1:
            alike[f"{{p{p}}}"] = texts[0]
    fields["reason"] = _reasons(frame, fields["a"], fields["b"], lang, say)
    ids = plain(frame, "indicator")
    for field, names in zip(("Name", "name"), _names(frame, lang, say), strict=True):
        fields[field] = objects([names[i] for i in ids])
    placed = fields["place"].astype(bool)
    out = np.empty(len(frame), dtype=object)
    for kind, at in kinds.items():
        # Below the province with the place: before the name that begins a sentence, behind one within it.
        for rows, names in (
            (~placed[at], {}),
            (placed[at], {"{Name}": "{place}: {name}", "{name}": "{name} ({place})"}),
        ):
            told = say[kind]
            for name, with_place in names.items():
                told = told.replace(name, with_place, 1) if name == "{Name}" or "{Name}" not in say[kind] else told
            for field, text in alike.items():
                told = told.replace(field, text)
            some = at[rows]
            if len(some):
                out[some] = _written(told, {f: column for f, column in fields.items() if "{" + f + "}" in told}, some)
        if kind.endswith("_same"):
            # "2023 and 2023" is one year.
            out[at] = [_TWICE.sub(r"(\1)", text) for text in out[at].tolist()]
    return _with_remarks(frame, out.tolist(), lang, say)


def _written(template: str, fields: dict[str, np.ndarray], at: np.ndarray) -> list[str]:
    """A template with the columns it names: "%s" in its order is quick enough for every row."""
    parts = re.split(r"\{(\w*)\}", template)
    # A place the office mistyped is left out instead of stopping the table.
    text = "".join(
        ("%s" if part in fields else "") if n % 2 else re.sub(r"[{}]", "", part).replace("%", "%%")
        for n, part in enumerate(parts)
    )
    columns = [fields[part].take(at).tolist() for part in parts[1::2] if part in fields]
    return list(map(text.__mod__, zip(*columns, strict=True))) if columns else [text % ()] * len(at)


def plain(frame: pd.DataFrame, column: str) -> list[str]:
    """A text column as a list; quicker than the column's own way."""
    cells: list[str] = frame[column].to_numpy(object).tolist()
    return cells


def _names(frame: pd.DataFrame, lang: str, say: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Names of the indicators, as a sentence begins with them and as they stand within one."""
    catalogue = keyed("indicators", "id")
    proper = tuple(p.strip() for p in say["proper"].split("|"))
    begin, within = {}, {}
    for indicator in distinct(frame["indicator"]):
        name = _UNIT_OF_NAME.sub("", catalogue.get(indicator, {}).get(f"name_{lang}", "")) or indicator.replace(
            "_", " "
        )
        kept = name[1:2].isupper() or name.startswith(proper)
        begin[indicator] = name[:1].upper() + name[1:]
        within[indicator] = name if kept else name[:1].lower() + name[1:]
    return begin, within


def _places(frame: pd.DataFrame) -> np.ndarray:
    """Names of the areas below the province, as they were last; plain names as they stand."""
    codes = {a for a in distinct(frame["area"]) if a}
    below = {a for a in codes if not (a.isdigit() and len(a) == 2)}
    if not below:
        return np.full(len(frame), "", dtype=object)
    days = np.where(filled(frame["b_area"]), frame["b_when"], frame["a_when"])
    keys = list(zip(plain(frame, "area"), np.nan_to_num(days).tolist(), strict=True))
    names = {key: area_name(*key) if key[0] in below else "" for key in set(keys)}
    return objects([names[key] for key in keys])


class _Moves:
    """How far apart the figures of each pair are, in numbers that both languages share."""

    def __init__(self, frame: pd.DataFrame) -> None:
        change, percent = frame["change"].to_numpy(float), frame["change_pct"].to_numpy(float)
        verdict = frame["verdict"].to_numpy(object)
        rose = verdict == "rise"
        moved = rose | (verdict == "fall")
        points = frame["basis"].isin(["share", "point"]).to_numpy()
        units = np.where(points, "percentage_point", frame["b_unit"].to_numpy(object)).astype(object)
        own = (frame["mode"] == "result").to_numpy() & ~_backwards(frame)
        self.count = len(frame)
        # Only where the sentence tells it: formatting is what takes the time.
        at = np.flatnonzero(moved & ~np.isnan(change) & (change != 0))
        self.sizes = amounts(
            _as_shown(np.abs(change[at]), frame[["a_value", "b_value"]].to_numpy(float)[at]), units[at]
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (frame["b_value"].to_numpy(float) / frame["a_value"].to_numpy(float))[at]
        percent = percent[at]
        # A share of the result says nothing on how far it is from its target.
        plain_change = np.isnan(percent) | (_own(frame) | _backwards(frame))[at]
        many = (ratio >= 1.5) & np.isfinite(ratio) & ~plain_change
        self.shares = both(number_texts(np.where(many, ratio, np.nan_to_num(np.abs(percent))).round(1)))
        self._bound(np.where(own, _loose(frame), 0)[at])
        told = np.select([plain_change, many], ["change", "change_times"], "change_pct")
        leads = {"lead_rise": own & rose, "lead_fall": own & ~rose, "lead_other": ~own}
        # Rows of one template go together.
        self.groups = [
            (at, np.flatnonzero((told == kind) & rows[at]), kind, lead)
            for kind in ("change", "change_times", "change_pct")
            for lead, rows in leads.items()
        ]
        ends = np.sort(np.abs(frame[["change_low", "change_high"]].to_numpy(float)), axis=1)
        between = np.flatnonzero(moved & np.isnan(change) & ~np.isnan(ends).any(axis=1))
        self.ranges = between.tolist()
        self.range_leads = [next(lead for lead, rows in leads.items() if rows[i]) for i in self.ranges]
        self.spans = ranges(ends[between, 0], ends[between, 1], units[between])

    def _bound(self, signs: np.ndarray) -> None:
        """What is "over 88" is over 3 more than 85, not 3 more."""
        if signs.any():
            for texts in (self.sizes, self.shares):
                for lang, bounds in BOUNDS.items():
                    texts[lang] = [bounds[k] + t for k, t in zip(signs.tolist(), texts[lang], strict=True)]

    def texts(self, lang: str, say: dict[str, str]) -> np.ndarray:
        """The phrase of each pair; empty where nothing is known."""
        out = np.full(self.count, "", dtype=object)
        sizes, shares = objects(self.sizes[lang]), objects(self.shares[lang])
        for at, rows, kind, lead in self.groups:
            if len(rows):
                text = say[kind].replace("%", "%%").replace("{lead}", say[lead])
                text = re.sub(r"\{[pt]\}", "%s", text.replace("{d}", "%s"))
                told = (sizes,) if kind == "change" else (sizes, shares)
                columns = (column.take(rows).tolist() for column in told)
                out[at[rows]] = list(map(text.__mod__, zip(*columns, strict=True)))
        for row, lead, span in zip(self.ranges, self.range_leads, self.spans[lang], strict=True):
            out[row] = say["change"].format(lead=say[lead], d=span)
        return out


def _loose(frame: pd.DataFrame) -> np.ndarray:
    """Which bound a change has by those of its figures: 1 over, 2 at least, 5 about, as in ``BOUNDS``."""
    signs = [frame[f"{p}_qualifier"].to_numpy(object) for p in "ab"]
    one_end = np.isnan(frame["change_low"].to_numpy(float)) ^ np.isnan(frame["change_high"].to_numpy(float))
    about, strict = ((np.isin(signs[0], q) | np.isin(signs[1], q)) for q in (["approx"], ["gt", "lt"]))
    return np.select([about, one_end & strict, one_end], [5, 1, 2], 0)


def _as_shown(change: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Differences as exact as the figures they stand beside, so that a reader's own subtraction gives them."""
    with np.errstate(invalid="ignore"):
        scale = np.where(change >= 1e9, 1e9, np.where(change >= 1e6, 1e6, 1.0))
        larger = np.abs(values).max(axis=1) / scale
        places = np.select([larger >= 1000, larger >= 100], [1.0, 10.0], 100.0)
        rounded = np.round(change / scale * places) / places * scale
    return np.where(rounded > 0, rounded, change)


def _reasons(frame: pd.DataFrame, a: np.ndarray, b: np.ndarray, lang: str, say: dict[str, str]) -> np.ndarray:
    """What stands behind a verdict that is no plain one."""
    derived = {row["indicator"]: row.get(f"reason_{lang}", "") for row in rules()}
    loose = [np.isnan(frame[[f"{p}_low", f"{p}_high"]].to_numpy(float)).any(axis=1) for p in "ab"]
    codes = frame["reason"].to_numpy(object)
    out = np.full(len(codes), "", dtype=object)
    bounds = codes == "bounds"
    before, after = say["bounds"].split("{which}")
    for rows, told in ((loose[0] & loose[1], (a, b)), (loose[0] & ~loose[1], (a,)), (~loose[0], (b,))):
        at = np.flatnonzero(bounds & rows)
        which = zip(*(text.take(at).tolist() for text in told), strict=True)
        out[at] = [before + "; ".join(texts) + after for texts in which]
    detail_a, detail_b, ids, notes = (plain(frame, c) for c in ("detail_a", "detail_b", "indicator", "a_notes"))
    open_ = frame["verdict"].isin(["uncertain", "not comparable"]).to_numpy()
    for row in np.flatnonzero(open_ & codes.astype(bool) & ~bounds).tolist():
        code = str(codes[row])
        if code in ("other", "related") or (code == "ranges" and "between" in notes[row]):
            out[row] = derived.get(ids[row]) or say["ranges"]
        else:
            out[row] = _detailed(code, detail_a[row], detail_b[row], lang, say)
    return out


def _detailed(code: str, a: str, b: str, lang: str, say: dict[str, str]) -> str:
    if code == "break":
        return a if lang == "vi" else b
    if code == "area":
        return say["area"].format(d=a if lang == "vi" else b)
    if code == "areas":
        return say["areas"].format(aa=a, ab=b)
    if code == "units":
        return say["units"].format(ua=unit_name(a, lang), ub=unit_name(b, lang))
    if code == "scopes":
        return say["scopes"].format(sa=label("scope", a, lang), sb=label("scope", b, lang))
    if code == "standards":
        sa, sb = (keyed("standards", "id").get(s, {}).get(f"name_{lang}", s) for s in (a, b))
        return say["standards"].format(sa=sa, sb=sb)
    return say.get(code, code)


def _with_remarks(frame: pd.DataFrame, sentences: list[str], lang: str, say: dict[str, str]) -> list[str]:
    """A second sentence where a figure was harmonised: how, and from what."""
    derived = {row["indicator"]: (row["how"], row.get(f"reason_{lang}", "")) for row in rules()}
    totals = [indicator for indicator, (how, _) in derived.items() if how == "total"]
    moved = frame["verdict"].isin(["rise", "fall"]) & ~frame["basis"].isin(["share", "point"])
    zero = ((frame["a_value"] == 0) & (frame["b_value"] != 0) & moved).to_numpy()
    same_bound = " " + say["same_bound"][:1].upper() + say["same_bound"][1:] + "."
    for at in np.flatnonzero(frame["reason"].to_numpy(object) == "same_bound").tolist():
        sentences[at] += same_bound
    notes = [plain(frame, f"{p}_notes") for p in "ab"]
    noted = filled(frame["a_notes"]) | filled(frame["b_notes"]) | frame["indicator"].isin(totals).to_numpy() | zero
    if not noted.any():
        return sentences
    ids, hindered = plain(frame, "indicator"), frame["hindered"].tolist()
    details = [plain(frame, f"{p}_detail_{lang}") for p in "ab"]
    for at in np.flatnonzero(noted).tolist():
        codes = f"{notes[0][at]} {notes[1][at]}".split()
        how, text = derived.get(ids[at], ("", ""))
        told = [text] if text and not hindered[at] and (how == "total" or (how == "sum" and how in codes)) else []
        if "per_unit" in codes:
            told.append(say["per_unit"].replace("{detail}", details[0][at] or details[1][at]))
        told += [say[c] for c in dict.fromkeys(codes) if c in _REMARKS and say[c] not in sentences[at]]
        for p, said in zip("ab", notes, strict=True):
            span = span_of(frame[f"{p}_period"].iat[at])
            told += [
                say[c].replace("{period}", span.vi if lang == "vi" else span.en)
                for c in said[at].split()
                if c in STAGES
            ]
        told += [say["zero_base"]] if zero[at] else []
        sentences[at] += "".join(f" {t[:1].upper()}{t[1:]}." for t in told)
    return sentences
