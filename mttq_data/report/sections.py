"""The sections of the committee's report: each makes headings, findings, pictures and tables of one frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mttq_data.charts.drawing import sampled, sources_of
from mttq_data.report.blocks import Block, Column, Heading, Picture, Reference, Table
from mttq_data.report.words import WORDS
from mttq_data.tables.tables import records
from mttq_data.wording import SEVERITIES, figure, indicator_name, label, missing, readable, shown_period

if TYPE_CHECKING:
    import pandas as pd

_MOST_PLACES, _MOST_BARS = 3, 24


def picture(
    plot: str, data: pd.DataFrame, finding: Any, caption: str, under: str, key: str, lang: str, **options: Any
) -> Picture:
    """A picture by one of the package's charts."""
    from mttq_data import charts
    from mttq_data.charts.style import without_window

    with without_window():
        drawn = getattr(charts, plot)(data, lang=lang, **options).get_figure(root=True)
    told = readable(finding)
    stop = "." if told.endswith(".") else ""
    sentence = (told.removesuffix("."), WORDS[lang]["see"], Reference(key), f"){stop}")
    return Picture(drawn, sentence, caption, marked(under, data, lang), key)


def marked(source: str, data: pd.DataFrame, lang: str) -> str:
    """A source line that says first where the rows are samples."""
    return f"{WORDS[lang]['sampled']}{source}".strip() if sampled(data) else source


def source_text(rows: pd.DataFrame, lang: str, names: dict[str, str]) -> str:
    """Which documents the rows come from and where in them."""
    words = WORDS[lang]
    said = _files(rows, names) if "document" in rows else sources_of(rows, lang)
    if not said:
        return ""
    places = [readable(s) for s in dict.fromkeys(rows.get("section", ())) if not missing(s)]
    where = words["sections"].format("; ".join(places[:_MOST_PLACES]) + (" …" if len(places) > _MOST_PLACES else ""))
    text = words["source"].format(said)
    return f"{text}, {where}" if places else text


def _files(rows: pd.DataFrame, names: dict[str, str]) -> str:
    files = [str(d) for d in dict.fromkeys(rows.get("document", ())) if not missing(d)]
    more = ["…"] if len(files) > _MOST_PLACES else []
    return "; ".join([names.get(d, d) for d in files[:_MOST_PLACES]] + more)


def _listed(frame: pd.DataFrame, caption: str, columns: Sequence[Column], source: str = "", **options: Any) -> Table:
    """A table of those columns the frame has."""
    return Table(frame, caption, [column for column in columns if column.name in frame], source, **options)


def report_figures(stats: pd.DataFrame, lang: str, names: dict[str, str]) -> list[Block]:
    """Shares of the population, amounts of money and targets in percent, as the report gives them."""
    words = WORDS[lang]
    known = stats[stats["value"].notna()]
    shares = known[known["indicator"].astype("string").str.endswith("_share_of_population").fillna(False)]
    money = known[(known["unit"] == "VND") & (known["role"] == "actual")]
    out: list[Block] = [Heading(words["report"])]
    kinds: tuple[tuple[str, Any, str, dict[str, Any]], ...] = (
        ("shares", shares, "plot_shares", {}),
        ("money", money, "plot_statistics", {"unit": "VND", "title": words["money"]}),
    )
    for key, rows, plot, options in kinds:
        if rows.empty:
            continue
        rows = rows.sort_values("value", ascending=False, kind="stable")
        source = source_text(rows, lang, names)
        finding, own = _extremes(rows, words["largest"], lang), _files(rows, names)
        out += [
            Heading(words[key], 2),
            picture(plot, rows, finding, words[key], source, key, lang, source=own, **options),
            _figures_table(rows.head(_MOST_BARS), words[key], source, lang, chart="bar", where="excel"),
        ]
    return out if len(out) > 1 else []


def _extremes(rows: pd.DataFrame, form: str, lang: str) -> str:
    ends = (rows.iloc[at].to_dict() for at in (0, -1))
    return form.format(*(text for row in ends for text in (_inside(_name(row, lang)), figure(row, lang))))


def _name(row: dict[Any, Any], lang: str) -> str:
    return indicator_name(row.get("indicator"), lang) or readable(row.get("counted"))


def _inside(name: str) -> str:
    """A name as it stands within a sentence."""
    return name[:1].lower() + name[1:]


def _figures_table(rows: pd.DataFrame, caption: str, source: str, lang: str, **options: Any) -> Table:
    words = WORDS[lang]
    columns = [
        Column("name", words["indicator"]),
        Column("value", words["figure"], "figure", unit_from="unit"),
        Column("period", words["period"]),
        Column("section", words["section"]),
    ]
    return _listed(rows.assign(name=[_name(r, lang) for r in records(rows)]), caption, columns, source, **options)


def progress_section(progress: pd.DataFrame, lang: str) -> list[Block]:
    """Where each target stands: how many are reached, on track or behind, and why."""
    words = WORDS[lang]
    if progress.empty or "state" not in progress:
        return []
    states = progress["state"].astype("string").fillna("unknown")
    counts = [(words["states"][s], int((states == s).sum())) for s in words["states"]]
    sentence = words["progress_finding"].format(len(progress), ", ".join(f"{n} {s}" for s, n in counts if n))
    why = _why(progress[states == "behind"], lang) or _why(progress[states != "unknown"], lang)
    # A chart of what is known; the table in Excel has the targets without a figure too.
    known = progress[progress["actual"].notna()] if "actual" in progress else progress
    told, own = f"{sentence} {why}".strip(), words["targets_source"]
    source = words["source"].format(own)
    out: list[Block] = [
        Heading(words["progress"]),
        picture("plot_targets", known, told, words["progress"], source, "targets", lang, source=own),
    ]
    table = progress.assign(
        name=[indicator_name(i, lang) for i in progress["indicator"]],
        reached=progress["share"] * 100 if "share" in progress else float("nan"),
        state_name=[words["states"].get(str(s), readable(s)) for s in states],
    )
    columns = [
        Column("name", words["target"]),
        Column("value", words["goal"], "figure", unit_from="unit"),
        Column("actual", words["actual"], "number", unit_from="unit"),
        Column("as_of", words["as_of"]),
        Column("reached", words["share"], "number", "percent"),
        Column("state_name", words["state"]),
        Column(f"why_{lang}", words["why"]),
    ]
    if len(known):
        out.append(_listed(table.loc[known.index], words["progress_table"], columns, source, key="progress"))
    return [*out, _listed(table, words["progress"], columns, source, where="excel")]


def pace_section(progress: pd.DataFrame, figures: Sequence[pd.DataFrame], lang: str, most: int = 2) -> list[Block]:
    """The targets of the running term whose figures reach several days, each against its even pace."""
    import pandas as pd

    from mttq_data.comparison.derived import rules
    from mttq_data.target_progress.judging import pace

    words = WORDS[lang]
    if not figures or progress.empty or not {"term", "logic", "actual", "projected"} <= set(progress):
        return []
    known = pd.concat(figures, ignore_index=True)
    known = known[known["role"].ne("target").fillna(True)] if "role" in known else known
    parts = {rule["indicator"]: [part.strip() for part in rule["parts"].split("|")] for rule in rules()}
    out: list[Block] = []
    running = progress[progress["projected"].notna()]
    running = running[(running["unit"] != "rank") & (running["logic"] != "by_date")]
    for row in records(running.sort_values("unit", key=lambda unit: unit == "percent", kind="stable")):
        code = str(row["indicator"])
        # Only what the target rests on: every day is looked at anew.
        rows = pace(known[known["indicator"].isin([code, *parts.get(code, [])])], code, lang=lang)
        if len(rows) < 2 or rows["actual"].iloc[-1] != row["actual"] or rows["term"].iloc[-1] != row["term"]:
            continue
        rows = rows.assign(sample=row.get("sample") is True)
        own, caption = words["targets_source"], words["pace"].format(_inside(indicator_name(code, lang)))
        key, finding, source = f"pace{len(out) // 2}", _why(rows.tail(1), lang), words["source"].format(own)
        out += [Heading(caption, 2), picture("plot_pace", rows, finding, caption, source, key, lang, source=own)]
        if len(out) == 2 * most:
            break
    return out


def _why(rows: pd.DataFrame, lang: str) -> str:
    return next((readable(v) for v in rows.get(f"why_{lang}", ()) if not missing(v)), "")


def comparison_section(comparison: pd.DataFrame, lang: str) -> list[Block]:
    """What rose and what fell, and which pairs cannot be compared."""
    words = WORDS[lang]
    if comparison.empty:
        return []
    verdicts = comparison["verdict"].astype("string")
    settled = comparison[verdicts.isin(["rise", "fall", "same"])]
    counts = [(words["verdicts"][v], int((verdicts == v).sum())) for v in words["verdicts"]]
    finding = words["comparison_finding"].format(len(comparison), ", ".join(f"{n} {v}" for v, n in counts if n))
    by_size = settled.assign(_size=settled.get("change_pct", settled["change"]).abs())
    largest = by_size.sort_values("_size", ascending=False, kind="stable") if len(by_size) else by_size
    why = _why(largest, lang)
    told, own = f"{finding} {why}".strip(), words["comparison_source"]
    source = words["source"].format(own)
    out: list[Block] = [
        Heading(words["comparison"]),
        picture("plot_terms", comparison, told, words["comparison"], source, "terms", lang, source=own),
    ]
    table = comparison.assign(
        name=[indicator_name(i, lang) for i in comparison["indicator"]],
        verdict_name=[words["verdicts"].get(str(v), readable(v)) for v in comparison["verdict"]],
    )
    columns = [
        Column("name", words["indicator"]),
        Column("a_value", words["earlier"], "figure", unit_from="unit"),
        Column("b_value", words["later"], "figure", unit_from="unit"),
        Column("verdict_name", words["verdict"]),
        Column(f"why_{lang}", words["why"]),
    ]
    # What cannot be compared explains itself in Excel; in Word it would bury what can.
    known = table[verdicts.isin(["rise", "fall", "same", "uncertain"])]
    if len(known):
        out.append(_listed(known, words["comparison_table"], columns, source, key="comparison"))
    return [*out, _listed(table, words["comparison"], columns, source, where="excel")]


def series_section(facts: pd.DataFrame, lang: str, indicator: str = "poverty_rate") -> list[Block]:
    """One indicator over the years, compared only where it is one series."""
    from mttq_data.charts.series import latest_run

    words = WORDS[lang]
    rows = facts[(facts["indicator"] == indicator)] if "indicator" in facts else facts.iloc[:0]
    if "area" in rows and len(rows):
        rows = rows[rows["area"] == rows["area"].mode().iloc[0]]
    run = latest_run(rows, indicator)
    if len(run) < 2:
        return []
    first, last = run[0], run[-1]
    name = indicator_name(indicator, lang)
    unit = rows["unit"].iloc[0] if "unit" in rows else ""
    phrases = [figure({"value": p.value, "qualifier": p.qualifier, "unit": unit}, lang) for p in (first, last)]
    finding = words["series_finding"].format(name, f"{first.x:.0f}", phrases[0], f"{last.x:.0f}", phrases[1])
    source = source_text(rows, lang, {})
    caption = words["series_caption"].format(name)
    columns = [Column("period", words["period"]), Column("value", name, "number", unit_from="unit")]
    return [
        Heading(words["series"]),
        picture("plot_series", rows, finding, caption, source, "series", lang, indicator=indicator),
        Table(rows.sort_values("period"), caption, columns, source, chart="column", where="excel"),
    ]


def area_section(totals: pd.DataFrame, lang: str, most: int = 3) -> list[Block]:
    """The commonest indicators by area: bars of the areas, and where they lie."""
    from mttq_data.charts.places import area_names, tiles
    from mttq_data.places.area_codes import areas

    words = WORDS[lang]
    if totals.empty or not {"area", "indicator", "value"} <= set(totals):
        return []
    provinces = set(areas(None, level="province")["code"])
    known = totals[totals["value"].notna() & ~totals["area"].isin(provinces)]
    if "measure" in known:
        known = known[known["measure"].astype("string").fillna("period") == "period"]
    out: list[Block] = [Heading(words["areas"])]
    counts = known.groupby("indicator")["area"].nunique()
    for k, code in enumerate(counts[counts > 1].sort_values(ascending=False, kind="stable").index[:most]):
        rows = known[known["indicator"] == code]
        period = max(map(str, rows["period"])) if "period" in rows else ""
        rows = rows[rows["period"].astype("string") == period] if period else rows
        rows = rows.sort_values("value", ascending=False, kind="stable").drop_duplicates("area")
        names = area_names(period)
        rows = rows.assign(place=[names.get(str(a), readable(a)) for a in rows["area"]])
        top, low = rows.iloc[0].to_dict(), rows.iloc[-1].to_dict()
        title, source = indicator_name(code, lang), source_text(rows, lang, {})
        finding = words["area_finding"].format(
            title, top["place"], figure(top, lang), low["place"], figure(low, lang), shown_period(period, lang)
        )
        out.append(Heading(title, 2))
        # A map where most of the areas have a place on it, ranked bars for the others.
        on_map = sum(a in {tile.code for tile in tiles(period)} for a in rows["area"])
        plot = "plot_tiles" if on_map > len(rows) / 2 else "plot_districts"
        out.append(picture(plot, rows, finding, title, source, f"areas{k}", lang, indicator=str(code)))
        columns = [Column("place", words["area"]), Column("value", words["figure"], "figure", unit_from="unit")]
        out.append(Table(rows, title, columns, source, f"areas{k}-table", chart="bar"))
    return out if len(out) > 1 else []


def completeness_section(frame: pd.DataFrame, lang: str) -> list[Block]:
    """How many returns came in time, late, with errors, or not at all."""
    from mttq_data.charts.completeness import REGISTER

    words = WORDS[lang]
    if frame.empty or "status" not in frame:
        return []
    status = frame["status"].astype("string")
    came = int((status != "missing").sum())
    finding = words["completeness_finding"].format(came, len(frame), len(frame) - came, int((status == "late").sum()))
    title, source = words["completeness"], words["source"].format(REGISTER[lang])
    return [Heading(title), picture("plot_completeness", frame, finding, title, source, "completeness", lang)]


def problems_appendix(problems: pd.DataFrame | None, lang: str) -> list[Block]:
    """The open problems, gravest first."""
    words = WORDS[lang]
    if problems is None:
        return []
    if "checked" in problems:
        problems = problems[problems["checked"] != True]
    grades = {severity: at for at, severity in enumerate(SEVERITIES)}
    rows = problems.sort_values("severity", key=lambda s: s.map(grades), kind="stable")
    shown = rows.assign(
        grade=[label("severity", s, lang) for s in rows["severity"]],
        place=[" ".join(filter(None, (readable(r.get("source")), readable(r.get("where"))))) for r in records(rows)],
    )
    columns = [
        Column("grade", words["severity"]),
        Column("place", words["place"]),
        Column("found", words["found"], "text"),
        Column(f"message_{lang}", words["message"]),
    ]
    table = _listed(shown, words["problems_caption"], columns, key="problems", empty=words["no_problems"])
    return [Heading(words["problems"], appendix=True), table]


def missing_appendix(frame: pd.DataFrame | None, lang: str) -> list[Block]:
    """The returns that have not come."""
    from mttq_data.charts.places import area_label
    from mttq_data.codelists import keyed

    words = WORDS[lang]
    if frame is None or "status" not in frame:
        return []
    forms = {form: row[f"name_{lang}"] for form, row in keyed("forms", "id").items()}
    rows = frame[frame["status"].astype("string") == "missing"]
    shown = rows.assign(
        name=[area_label(r["area"], str(r.get("period") or "")) for r in records(rows)],
        form=[forms.get(str(r.get("form"))) or readable(r.get("form")) for r in records(rows)],
        due_day=[readable(str(d))[:10] if not missing(d) else "" for d in rows.get("due", [""] * len(rows))],
    )
    columns = [Column("name", words["area"]), Column("form", words["form"]), Column("period", words["period"]),
               Column("due_day", words["due"])]  # fmt: skip
    table = _listed(shown, words["missing_caption"], columns, key="missing", empty=words["none_missing"])
    return [Heading(words["missing"], appendix=True), table]


def statistics_appendix(stats: pd.DataFrame | None, lang: str, names: dict[str, str]) -> list[Block]:
    """Every statistic with an indicator, by topic."""
    from mttq_data.codelists import keyed

    if stats is None:
        return []
    linked = stats[stats["indicator"].notna() & (stats["indicator"] != "")]
    if linked.empty:
        return []
    topics = {indicator: row["topic"] for indicator, row in keyed("indicators", "id").items()}
    out: list[Block] = [Heading(WORDS[lang]["statistics"], appendix=True)]
    topic = linked["indicator"].map(lambda code: topics.get(str(code), ""))
    for code in dict.fromkeys(topics.values()):
        rows = linked[topic == code]
        if len(rows):
            out.append(_figures_table(rows, label("topic", code, lang), source_text(rows, lang, names), lang))
    return out
