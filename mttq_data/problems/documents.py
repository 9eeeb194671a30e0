"""Rules that read the report's text beside its figures: sections, terms of office, numbers of documents, units."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mttq_data.extraction.sections import Section
from mttq_data.extraction.values import read_amount
from mttq_data.folding import fold
from mttq_data.problems.facts import Fact, Facts, spelt
from mttq_data.problems.findings import Finding, finding
from mttq_data.reading.document import Document

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
_TERM = re.compile(r"[Nn]hiệm k[ìỳ] {0,2}(?P<term>(?P<first>(?:19|20)\d\d) ?[-–—] ?(?P<last>(?:19|20)\d\d))")
_COMPARES = spelt(r"(?<!\w)(?:so với|trước|tăng|giảm|kế thừa|từ khóa|các nhiệm kì|qua các)(?!\w)")
_NUMBERED = re.compile(r"(?P<all>(?P<number>\d{1,4}) ?- ?(?P<kind>[A-ZĐ][A-Za-zĐđ]{0,3})/(?P<by>[A-ZĐ][\w-]*))")
_COUNTED_LIST = re.compile(
    r"(?<!\w)(?P<count>\d{1,2}|[Hh]ai|[Bb]a|[Bb]ốn|[Nn]ăm|[Ss]áu|[Bb]ảy|[Tt]ám|[Cc]hín|[Mm]ười)(?: [^\W\d_]+){1,6}(?P<rest>: ?\(?1\) [^\n]*)"
)
_OBJECT = spelt(r"[^,.;]{0,20}?(?:đối với|cho) (?P<object>tổ chức|cơ quan|đảng viên|cá nhân|cán bộ)")
_CLASSES = {"tổ chức": "body", "cơ quan": "body", "đảng viên": "person", "cá nhân": "person", "cán bộ": "person"}


def of_document(facts: Facts, document: Document) -> Iterator[Finding]:
    """Rules that need the whole text."""
    yield from _jumps(document)
    yield from _terms(facts, document)
    yield from _one_number(document)
    yield from _enumerated(facts, document)


def _enumerated(facts: Facts, document: Document) -> Iterator[Finding]:
    """ "ba khâu đột phá: (1) … (2) … (3) … (4) …": a count in words that is no statistic has its list counted too."""
    known = {f.start for f in facts.all}
    for match in _COUNTED_LIST.finditer(document.text):
        said = read_amount(match["count"])
        marks = [int(n) for n in re.findall(r"[(;:.,] ?\(?(\d{1,2})\)", match["rest"])]
        if (
            said
            and match.start("count") not in known
            and len(marks) >= 2
            and marks == list(range(1, len(marks) + 1))
            and said != len(marks)
        ):
            spans = match.span("count"), match.span("rest")
            words = {"text": match["count"], "count": str(len(marks))}
            yield Finding("count_against_list", spans, match["count"], str(len(marks)), words=words)


def _jumps(document: Document) -> Iterator[Finding]:
    """Numbers of sibling headings that leave one out."""
    last: dict[tuple[int, int], Section] = {}
    for section in document.sections:
        before = last.get((section.parent, section.level))
        last[section.parent, section.level] = section
        if before is None or section.level > 4:
            continue
        step = _ordinal(section.number) - _ordinal(before.number)
        if 1 < step <= 3 and _ordinal(before.number) >= 1:
            at = document.text.index(section.number, section.start)
            yield Finding(
                "section_number_jumps",
                ((at, at + len(section.number)),),
                section.number,
                words={"before": before.number, "number": section.number},
            )


def _ordinal(number: str) -> int:
    """II → 2, 1.3 → 3; -9 where it is neither."""
    tail = number.strip("().").split(".")[-1]
    if tail.isdigit():
        return int(tail)
    if tail and all(c in _ROMAN for c in tail):
        values = [_ROMAN[c] for c in tail]
        return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))
    return -9


def _terms(facts: Facts, document: Document) -> Iterator[Finding]:
    """The term before the report's own, where the text speaks of carrying out its resolution."""
    periods = Counter(f.period for f in facts.all if re.fullmatch(r"\d{4}-\d{4}", f.period) and f.role != "target")
    if not periods or periods.most_common(1)[0][1] < 10:
        return
    own = periods.most_common(1)[0][0]
    found = [m for m in _TERM.finditer(document.text) if m["last"] == own[:4]]
    for match in found if len(found) == 1 else ():
        before = fold(document.text[max(0, match.start() - 220) : match.start()])
        if "nghị quyết" in before and re.search(r"mttq|mặt trận", before) and not _COMPARES.search(before[-90:]):
            span = match.start("first"), match.end("last")
            yield Finding("term_of_another_report", (span,), match["term"], words={"term": match["term"], "own": own})


def _one_number(document: Document) -> Iterator[Finding]:
    """One number and issuer under two kinds of document with a like title."""
    known: dict[tuple[str, str], re.Match[str]] = {}
    for match in _NUMBERED.finditer(document.text):
        key = match["number"], match["by"]
        first = known.setdefault(key, match)
        if first["kind"] != match["kind"] and _alike(_title(document.text, first), _title(document.text, match)):
            names = f"{first['all']} | {match['all']}"
            yield Finding(
                "one_number_two_documents",
                (first.span("all"), match.span("all")),
                names,
                words={"first": first["all"], "second": match["all"]},
            )


def _title(text: str, match: re.Match[str]) -> set[str]:
    after = re.sub(r"ngày [\d/. ]+|\d+", " ", fold(text[match.end() : match.end() + 200]))
    after = re.split(r"[.;\n]", after)[0]
    return set(re.findall(r"[^\W\d_]{2,}", after))


def _alike(first: set[str], second: set[str]) -> bool:
    return bool(first and second) and len(first & second) / min(len(first), len(second)) > 0.5


def swapped_units(facts: Facts) -> Iterator[Finding]:
    """Two parallel pairs whose cuộc and lượt stand crosswise."""
    sections: dict[str, list[tuple[str, str, Fact]]] = {}
    for fact in facts.all:
        unit = fold(fact.counted).split(" ")[0]
        words = _OBJECT.match(fact.after.lstrip())
        if unit in {"cuộc", "lượt"} and words:
            sections.setdefault(fact.section, []).append((_CLASSES[words["object"]], unit, fact))
    for rows in sections.values():
        if len({(kind, unit) for kind, unit, _ in rows}) == 4 and len(rows) == 4:
            first = {kind: unit for kind, unit, _ in rows[:2]}
            second = {kind: unit for kind, unit, _ in rows[2:]}
            if len(first) == len(second) == 2 and all(first[k] != second[k] for k in first):
                others = " | ".join(f.text for _, _, f in rows[:2])
                yield finding("unit_unlike_neighbours", [f for _, _, f in rows[2:]], others=others)
