"""Slips of writing: a comma before three digits, a noun left out, a list that does not match its count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mttq_data.folding import CAPITALS, fold
from mttq_data.problems.facts import Fact, Facts, Span, Statement, cues, spelt
from mttq_data.problems.findings import Amount, Finding, finding

_COMMA_THREE = re.compile(r"\d{1,3},\d{3}")
_MEASURED = {"percent", "ha", "km", "km2", "kg", "m", "USD", "times", "kWh", "litre", "m3"}
_NOUN_DROPPED = spelt(r" *(?:cho|tại|ở|với|về|đến|nhân dịp|trị giá|trong dịp|trên địa bàn)(?!\w)")
_GIVEN = spelt(r"(?<!\w)(\w+(?: \w+){0,2}?)(?: được| trên| hơn| gần| khoảng)* *$")
_LIST_OPENS = spelt(
    r"(?P<words>[^.;:()]{0,60}?)(?:,? *(?<!\w)(?:bao gồm|gồm có|gồm|đó là|là)(?: các)?(?: [^\W\d_]+){0,2}?:? |: |\()"
)
_BARE_LIST = re.compile(rf" (?:huyện|xã|phường|thị trấn|tỉnh|quận|thôn|bản|ấp|dân tộc|tôn giáo)(?= [{CAPITALS}])")
_SUCH_AS = spelt(r"(?<!\w)(?:như|trong đó|nhất là|đặc biệt|chủ yếu)(?!\w)")
_NAME = re.compile(rf"(?:(?!như )[^\W\d_A-Z]+ ){{0,3}}?(?P<name>[{CAPITALS}][\w'’-]*(?: [^\W\d_][\w'’-]*){{0,4}})")
_ENUMERATED = re.compile(r"(?<!\w)\((\d{1,2})\)")
_GENERIC = re.compile(
    r"(?:các |dân tộc |người |huyện |xã |phường |thị trấn |thị xã |thành phố |tỉnh |quận |đồng bào |thôn |bản |ấp |ông |bà |và |cùng |là )+"
)


def marks(facts: Facts) -> Iterator[Finding]:
    """Every rule of this module over one document."""
    for statement in facts.statements:
        for fact in statement.facts:
            yield from _comma(fact)
            yield from _noun(facts, fact)
            yield from _list(fact)


def _comma(fact: Fact) -> Iterator[Finding]:
    """15,800: decimal by Vietnamese writing, thousands by English; nobody can tell."""
    if (
        fact.corrected
        or not _COMMA_THREE.fullmatch(fact.text.strip())
        or fact.unit == "percent"
        or fact.text.startswith("0,")
    ):
        return
    # Three decimals that do not end in 0 are usual in measures and in tỷ, triệu.
    if (fact.scale or fact.unit in _MEASURED) and not fact.text.strip().endswith("0"):
        return
    if fact.scale:
        short = fact.text.strip().rstrip("0").rstrip(",")
        yield finding(
            "comma_before_three_digits",
            [fact],
            f"{short} {fact.scale.replace('tỉ', 'tỷ')}",
            text=fact.text,
            dotted=fact.text.replace(",", "."),
            short=short,
        )
    else:
        dotted = fact.text.strip().replace(",", ".")
        yield finding(
            "comma_before_three_digits",
            [fact],
            dotted,
            text=fact.text,
            dotted=dotted,
            short=fact.text.strip().rstrip("0").rstrip(","),
        )


def _noun(facts: Facts, fact: Fact) -> Iterator[Finding]:
    """A number right before an activity ("45.600 vệ sinh môi trường"): cuộc, buổi or lượt is missing."""
    if fact.kind != "statistic" or fact.unit in {"percent", "VND", "USD", "rank"} or not fact.text[:1].isdigit():
        return
    words = fact.after.lstrip()
    if activity := cues("activity").match(words):
        if fact.after[:1] == " " and not words[activity.end() :].startswith(" viên"):
            yield finding("counted_noun_missing", [fact], text=fact.text, next=activity.group())
        return
    if fact.unit and fact.doubt_free:
        return
    given = _GIVEN.search(fact.before)
    verb = cues("gives").search(given[1]) if given else None
    if (
        given
        and verb
        and verb.end() == len(given[1])
        and _NOUN_DROPPED.match(fact.after)
        and not fact.scale.startswith(("tỉ", "tr"))
        and not _antecedent(facts, fact)
    ):
        yield finding("counted_noun_missing", [fact], text=fact.text, next=" ".join(words.split()[:3]))


def _antecedent(facts: Facts, fact: Fact) -> bool:
    """Has a thing been counted shortly before, so that the noun may be left out?"""
    for statement in facts.near(fact.statement, 1):
        for other in statement.facts:
            if (
                other.start < fact.start
                and other.unit not in {"", "percent", "VND", "USD", "rank"}
                and other.counted.strip()
            ):
                return True
    return False


def _list(fact: Fact) -> Iterator[Finding]:
    """A whole number of named things followed by their names."""
    if (
        fact.kind != "statistic"
        or not fact.certain
        or fact.value != int(fact.value)
        or not 2 <= fact.value <= 30
        or fact.unit in {"percent", "VND", "rank", "times"}
        or fact.scale
    ):
        return
    opens = _LIST_OPENS.match(fact.after) or _BARE_LIST.match(fact.statement.text[fact.tail :])
    if not opens or _SUCH_AS.search(opens.group()):
        return
    start = fact.tail + opens.end()
    fewest, count, end = _names(fact.statement, start, in_brackets=opens.group().endswith("("))
    if count and not fewest <= fact.value <= count:
        low = fact.statement
        places: Span = (low.offset(start), low.offset(end))
        found = finding("count_against_list", [fact], Amount(count), text=fact.text, count=Amount(count))
        found.spans = (*found.spans, places)
        found.found = f"{fact.text} | {low.text[start:end].strip()}"
        yield found


def _names(statement: Statement, start: int, *, in_brackets: bool) -> tuple[int, int, int]:
    """How many names follow from ``start``, at least and at most, and where they end; 0 where it is no plain list."""
    text = statement.text if len(statement.text) == len(statement.low) else ""
    rest = text[start:]
    stop = re.search(r"\)" if in_brackets else r"[.;:()](?= |$)|\d", rest)
    if in_brackets and not stop:
        return 0, 0, start
    body = rest[: stop.start()] if stop else rest
    if stop and stop.group().isdigit():
        if _ENUMERATED.match(rest.lstrip()):
            marks_found = len(_ENUMERATED.findall(rest))
            return marks_found, marks_found, start + len(rest)
        # A figure begins another clause; the list ends at the comma before it, unless that clause opens with a name.
        body, _, clause = body.rpartition(",")
        if not clause.strip() or _NAME.match(_GENERIC.sub("", clause.strip())) or re.search(r"[.;]", clause):
            return 0, 0, start
    if re.search(r"\d|…|\.\.\.|v\.v", body + rest[len(body) : len(body) + 3].replace(").", "")):
        return 0, 0, start
    return _count_names(body, start)


def _count_names(body: str, start: int) -> tuple[int, int, int]:
    fewest = count = 0
    end = start
    pieces = list(re.finditer(r"[^,]+", body))
    for index, piece in enumerate(pieces):
        halves = re.split(r" (?:và|cùng với|cùng) (?=(?:[^\W\d_A-Z]+ ){0,2}[" + CAPITALS + "])", piece.group().strip())
        for place, half in enumerate(halves):
            name = _NAME.match(_GENERIC.sub("", half.strip()))
            if not name:
                # Lower-case words: either no list of names, or the sentence goes on after the last of them.
                return (fewest, count, end) if count >= 2 and index == len(pieces) - 1 else (0, 0, start)
            last = index == len(pieces) - 1 and place == len(halves) - 1
            institution = cues("institution").match(fold(half.strip()))
            if not last and not _plain(_GENERIC.sub("", half.strip()), 3 if institution else 1):
                return 0, 0, start
            count += 1
            # "Sở Giáo dục và Đào tạo" is one name: after an institution "và" need not part two.
            inside = place > 0 and cues("institution").match(fold(halves[0])) and not institution
            fewest += 0 if inside else 1
        end = start + piece.end()
    return (fewest, count, end) if count >= 2 else (0, 0, start)


def _plain(name: str, small: int) -> bool:
    """Nothing but a name: words that begin with a capital, ``small`` others at most ("Sán chay")."""
    words = name.split()
    return 1 <= len(words) <= 5 and words[0][:1].isupper() and sum(not w[:1].isupper() for w in words) <= small
