"""Figures that must fit each other: parts and total, share, count and base, count times price."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from mttq_data.codelists import read_codelist
from mttq_data.problems.facts import Fact, Facts, Statement, changing, cues, same_kind, signature, spelt
from mttq_data.problems.findings import Amount, Finding, finding, rounded

_FULL = spelt(
    r"\((?!.*\))|^[^,;.:()]*,? *(?:bao )?gồm(?: có)?(?!\w)|[,:] *(?:cụ thể|chia ra)(?!\w)|^[^,.;:()-]{0,50}: *$"
)
_PARTIAL = spelt(r"(?<!\w)trong (?:số )?đó(?!\w)|(?<!\w)trong số(?: này)?(?!\w)")
_NEW_CLAUSE = spelt(
    r"[;.)]|(?<!\w)(?:trong (?:số )?đó|riêng|nâng|tổng|mỗi|bình quân|hỗ trợ|tặng|trao|đã|so với|ngoài ra)(?!\w)"
)
_ADDED_UP = spelt(r"(?<!\w)(?:tổng cộng|cộng lại|cộng chung|tất cả)(?: là| có| được| đạt)? *$")
_LEFT = spelt(r"(?<!giảm )(?<!chỉ )(?<!hạ )(?<!rút )(?<!\w)(?:còn|còn lại|số còn lại)(?: lại| tồn| phải)? *$")
_TIE = spelt(
    r"(?:^|[,(;] ?| )(?:và )?(?:đạt|bằng|chiếm|tương ứng|tương đương|=|hay)?(?: với| là)?(?: ?tỉ lệ(?P<subject>(?: [^\W\d_]+){0,6}?)(?: là| đạt| bằng)?)?"
    r"(?: khoảng| gần| trên| hơn| xấp xỉ)* *\(? *$"
)
_TIED = spelt(r"đạt|bằng|chiếm|tương|=|hay|tỉ lệ|\(")
_TIE_WORDS = spelt(
    r"(?<!\w)(?:và|đạt|bằng|chiếm|tương ứng|tương đương|hay|với|là|khoảng|gần|trên|hơn|xấp xỉ|tỉ lệ)(?!\w)|[\s=]"
)
_OUT_OF = spelt(r"(?<!\w)(?:trên|trong|của) tổng(?: số)? *$")
_OF_PLAN = spelt(r"\)? *(?:so với )?(?:kế hoạch|chỉ tiêu|dự toán|mục tiêu|nghị quyết|cùng kì|năm trước|so )")
_OF_PEOPLE = spelt(r"\)? *(?:tổng )?(?:số )?dân(?: số)?(?!\w)")
_PLANNED = spelt(r"(?<!\w)(?:kế hoạch|chỉ tiêu|mục tiêu|dự toán|phấn đấu|đề ra|giao)(?!\w)[^.;]{0,60}$")
_CHANGED = spelt(r"(?<!\w)(?:giảm|tăng)(?: thêm| được| là| khoảng)? *$")
_YEARLY = spelt(r"(?<!\w)(?:bình quân|trung bình|mỗi năm|hằng năm|hàng năm)(?!\w)")
_HANDLED = {"case", "opinion", "petition", "recommendation", "document", "item"}


def sums(facts: Facts) -> Iterator[Finding]:
    """Every rule of this module over one document."""
    for statement in facts.statements:
        yield from _parts(statement)
        yield from _parts_of_sentence_before(facts, statement)
        yield from _parts_then_total(statement)
        yield from _rest(statement)
        yield from _ratios(facts, statement)
        yield from _shares(facts, statement)
        yield from _changes(statement)
    yield from _relations(facts)


# -- parts and total ---------------------------------------------------------


def _parts(statement: Statement) -> Iterator[Finding]:
    for index, total in enumerate(statement.facts[:-1]):
        if total.kind != "statistic" or math.isnan(total.value) or total.unit == "percent" or changing(total):
            continue
        opener = statement.between(total, statement.facts[index + 1])
        full, partial = _FULL.search(opener), _PARTIAL.search(opener)
        if not (full or partial) or ";" in opener or re.search(r"\.(?= )", opener):
            continue
        yield from _divided(total, _run(total, statement.facts[index + 1 :]), partial is not None)


def _parts_of_sentence_before(facts: Facts, statement: Statement) -> Iterator[Finding]:
    """ "Trong đó …" at the head of a sentence divides the last count of the sentence before."""
    if not (statement.number and statement.facts and _PARTIAL.match(statement.low)):
        return
    before = facts.statements[statement.number - 1]
    first = statement.facts[0]
    totals = [
        f for f in before.facts if f.kind == "statistic" and same_kind(f, first) and f.certain and not changing(f)
    ]
    if len(totals) == 1 and before.section == statement.section and statement.start - before.start < 900:
        rest = [f for f in statement.facts[1:] if not _NEW_CLAUSE.search(statement.between(first, f))]
        parts = [
            f for f in [first, *rest] if f.kind == "statistic" and same_kind(totals[0], f) and not math.isnan(f.value)
        ]
        yield from _divided(totals[0], parts, partial=True)


def _divided(total: Fact, parts: Sequence[Fact], partial: bool) -> Iterator[Finding]:
    """A total and what the text names as its parts, all of them or only some."""
    if not parts:
        return
    yield from _beyond(total, parts)
    labels = [_label(p) for p in parts]
    whole = _complementary(labels) if partial or any(cues("overlap").search(x) for x in labels) else len(parts) > 1
    if whole and not any(p.low > total.high for p in parts):
        yield from _compare(total, parts)


def _run(total: Fact, following: Sequence[Fact]) -> list[Fact]:
    """The figures after a total that may be its parts, up to a new clause."""
    parts: list[Fact] = []
    last = total
    for fact in following:
        between = total.statement.between(last, fact)
        if last is not total and _NEW_CLAUSE.search(between):
            break
        if fact.kind == "statistic" and same_kind(total, fact) and not math.isnan(fact.value):
            parts.append(fact)
        elif fact.unit != "percent" and not (fact.unit == "VND" and total.unit != "VND"):
            break
        last = fact
    return parts


def _label(part: Fact) -> str:
    """The words around a part: what it is a part by."""
    index = part.statement.facts.index(part)
    low = part.statement.facts[index - 1].tail if index else 0
    words = re.split(r"[,;.)]|(?<!\w)và(?!\w)", part.after[:40])[0]
    return f"{part.statement.low[low : part.at]} {words}"


def _complementary(labels: Sequence[str]) -> bool:
    """Do the labels name both halves of a known pair (xây mới, sửa chữa) and nothing else?"""
    for name in ("houses", "cases", "awards", "sex", "kind"):
        first, second = cues(f"complement_{name}_a"), cues(f"complement_{name}_b")
        if (
            len(labels) == 2
            and any(second.search(x) for x in labels)
            and any(first.search(x) and not second.search(x) for x in labels)
        ):
            return True
    return False


def _beyond(total: Fact, parts: Sequence[Fact]) -> Iterator[Finding]:
    for part in parts:
        if part.strict()[0] > total.strict()[1] + total.step + part.step:
            yield finding("part_beyond_whole", [part, total], part=part.text, whole=total.text)


def _compare(total: Fact, parts: Sequence[Fact], check: str = "parts_against_total") -> Iterator[Finding]:
    low = sum(p.strict()[0] for p in parts)
    high = sum(p.strict()[1] for p in parts)
    slack = 1e-6 * abs(total.value)
    rest = parts[-1].after[:80].split(";")[0].split(")")[0]
    open_end = bool(cues("more_follow").search(rest) or "..." in rest or "…" in rest)
    if low > total.strict()[1] + slack or (high < total.strict()[0] - slack and not open_end):
        value = sum(p.value for p in parts)
        yield finding(
            check,
            [total, *parts],
            Amount(value, total.unit),
            total=total.text,
            sum=Amount(value, total.unit),
            parts=" + ".join(p.text for p in parts),
        )


def _parts_then_total(statement: Statement) -> Iterator[Finding]:
    for index, total in enumerate(statement.facts):
        if index < 2 or total.kind != "statistic" or math.isnan(total.value) or not _ADDED_UP.search(total.before):
            continue
        parts: list[Fact] = []
        for fact in reversed(statement.facts[:index]):
            if not (fact.kind == "statistic" and same_kind(total, fact)) or (
                parts and re.search(r"[;.]", statement.between(fact, parts[-1]))
            ):
                break
            if re.search(r"(?<!\w)(?:mỗi|bình quân|từ|tối đa)(?!\w)[^,;]*$", fact.before[-30:]) or re.match(
                r" *\w* ?(?:mỗi|/)", fact.after
            ):
                break
            parts.append(fact)
        if len(parts) >= 2 and not any(math.isnan(p.value) for p in parts):
            yield from _compare(total, parts[::-1])


def _rest(statement: Statement) -> Iterator[Finding]:
    """Total, dealt with, left over: the three must agree."""
    for index, rest in enumerate(statement.facts):
        if index == 0 or not rest.certain or rest.unit == "percent" or not _LEFT.search(rest.before[-30:]):
            continue
        if not (re.search(r"còn lại *$", rest.before) or cues("left").search(rest.after[:45])):
            continue
        pairs = []
        before = [
            f
            for f in statement.facts[:index]
            if f.kind in {"statistic", "ratio"} and (same_kind(f, rest) or same_kind(rest, f))
        ]
        if before and before[-1].kind == "ratio":
            pairs.append((before[-1].denominator, before[-1].numerator, [before[-1]]))
        if (
            len(before) >= 2
            and before[-1].certain
            and before[-2].certain
            and cues("done").search(statement.between(before[-2], before[-1]))
        ):
            pairs.append((before[-2].value, before[-1].value, [before[-2], before[-1]]))
        slack = rest.step + sum(f.step for f in before) + 1e-6 * rest.value
        if pairs and all(done <= whole and abs(whole - done - rest.value) > slack for whole, done, _ in pairs):
            whole, done, places = pairs[-1]
            yield finding(
                "rest_against_total",
                [rest, *places],
                Amount(whole - done, rest.unit),
                rest=rest.text,
                left=Amount(whole - done, rest.unit),
            )


# -- ratio, share, count and base --------------------------------------------


def _ratios(facts: Facts, statement: Statement) -> Iterator[Finding]:
    for index, ratio in enumerate(statement.facts):
        if ratio.kind != "ratio" or math.isnan(ratio.denominator):
            continue
        if ratio.numerator > ratio.denominator:
            yield finding("part_beyond_whole", [ratio], part=Amount(ratio.numerator), whole=Amount(ratio.denominator))
            continue
        for other in facts.near(statement, 1):
            earlier = statement.facts[:index] if other is statement else other.facts
            bases = [f for f in earlier if f.unit == ratio.unit and f.kind == "statistic" and f.certain]
            linked = _PARTIAL.search(statement.between(bases[-1], ratio)) if bases and other is statement else None
            if not bases or not (linked or ratio.unit in _HANDLED):
                continue
            base = bases[-1]
            if (
                base.value != ratio.denominator
                and 0.8 < ratio.denominator / base.value < 1.25
                and ratio.denominator not in {b.value for b in bases}
            ):
                yield finding(
                    "base_differs", [base, ratio], Amount(base.value, base.unit), base=base.text, ratio=ratio.text
                )
            break


def _shares(facts: Facts, statement: Statement) -> Iterator[Finding]:
    for index, share in enumerate(statement.facts):
        if share.unit != "percent" or share.kind != "statistic" or index == 0 or math.isnan(share.value):
            continue
        count = statement.facts[index - 1]
        between = statement.between(count, share)
        if (
            count.unit == "percent"
            or count.kind not in {"statistic", "ratio"}
            or changing(count)
            or not _tied(count, between)
        ):
            continue
        if index > 1 and _OUT_OF.search(statement.between(statement.facts[index - 2], count)):
            base, count = count, statement.facts[index - 2]
            if same_kind(base, count) and not _fits(share, count.spoken(), base.spoken()):
                yield from _check_share(share, count, [count, base], count.value, base.value)
            continue
        if count.kind == "ratio":
            if not _OF_PLAN.match(share.after):
                yield from _check_share(share, count, [count], count.numerator, count.denominator)
            continue
        bases = _bases(facts, statement, count, share)
        slack = 0.0 if len(bases) == 1 and bases[0].kind != "ratio" else 0.5  # of several bases none is certain
        if bases and not any(_fits(share, count.spoken(), whole, slack) for b in bases for whole in _wholes(b)):
            whole = bases[0].denominator if bases[0].kind == "ratio" else bases[0].value
            yield from _check_share(share, count, [count, bases[0]], count.value, whole)


def _wholes(base: Fact) -> list[tuple[float, float]]:
    """What a base may stand for: of "6.084/7.669 xã" both numbers are told."""
    if base.kind == "ratio":
        return [(base.numerator, base.numerator), (base.denominator, base.denominator)]
    return [base.spoken()]


def _tied(count: Fact, between: str) -> bool:
    """Do the words between a count and a percentage say that this is the count's share?"""
    if len(between) > 110 or re.search(r"\.(?= )", between):
        return False
    tail = re.split(r"[,;(]", between)[-1]
    found = _TIE.search(between)
    if not found or not (_TIED.search(found.group()) or between.rstrip().endswith("(")):
        return False
    if cues("change").search(re.sub(r"(?<!\w)bằng(?!\w)", "", tail)):
        return False
    subject = (found["subject"] or "").split()
    if subject:
        return bool(
            set(subject) & set(re.findall(r"\w+", count.statement.low[max(0, count.at - 40) : count.tail + 40]))
        )
    if ";" in between and count.kind != "ratio":
        return False
    own = _TIE_WORDS.sub("", tail)
    return own == "" or (tail == between and len(tail) < 70)


def _bases(facts: Facts, statement: Statement, count: Fact, share: Fact) -> list[Fact]:
    """What the count may be a share of: nearest first, only where the text ties them."""
    if _OF_PEOPLE.match(share.after):
        return [f for f in facts.by_indicator.get("population", []) if count.unit == "person"][:3]
    planned = bool(_OF_PLAN.match(share.after))
    found: list[Fact] = []
    for other in facts.near(statement):
        earlier = statement.facts[: statement.facts.index(count)] if other is statement else other.facts
        for fact in reversed(earlier):
            if (
                not (same_kind(fact, count) or same_kind(count, fact))
                or math.isnan(fact.value)
                or fact.kind not in {"statistic", "ratio"}
            ):
                continue
            in_plan = fact.role == "target" or bool(_PLANNED.search(fact.before))
            large = fact.kind == "ratio" or fact.spoken()[1] >= count.spoken()[0]
            if in_plan if planned else large and not changing(fact):
                found.append(fact)
    if planned or not found:
        return found
    nearest = found[0]
    words = statement.between(nearest, count) if nearest.statement is statement else count.before
    return found if _PARTIAL.search(words) or cues("done").search(words) else []


def _fits(share: Fact, count: tuple[float, float], base: tuple[float, float], slack: float = 0.0) -> bool:
    if base[1] <= 0:
        return True
    low, high = 100 * count[0] / base[1], 100 * count[1] / max(base[0], 1e-9)
    lowest, highest = share.spoken()
    slack = max(slack, max(share.step, 0.05) if "," in share.text else 0.5)
    return low <= highest + slack and high >= lowest - slack


def _check_share(share: Fact, lead: Fact, places: list[Fact], count: float, base: float) -> Iterator[Finding]:
    exact = (count, count) if lead.kind == "ratio" else lead.spoken()
    whole = (base, base) if "ratio" in {lead.kind, places[-1].kind} else places[-1].spoken()
    if base > 0 and not _fits(share, exact, whole):
        right = Amount(rounded(100 * count / base, share), "percent")
        yield finding(
            "share_against_count",
            [share, *places],
            right,
            share=share.text,
            right=right,
            count=Amount(count),
            base=Amount(base),
        )


def _changes(statement: Statement) -> Iterator[Finding]:
    """From one figure to another, and the change stated beside them."""
    for first, second, change in zip(statement.facts, statement.facts[1:], statement.facts[2:], strict=False):
        if not (
            first.unit == second.unit == change.unit
            and first.certain
            and second.certain
            and change.certain
            and "rank" not in {first.kind, second.kind}
        ):
            continue
        if not re.search(r"(?<!\w)từ *$", first.before) or not re.search(
            r"(?<!\w)(?:xuống|lên|còn|đến)(?!\w)", statement.between(first, second)
        ):
            continue
        between = statement.between(second, change)
        if not _CHANGED.search(between) or _YEARLY.search(between) or _YEARLY.match(change.after.lstrip()):
            continue
        moved = abs(first.value - second.value)
        slack = first.step + second.step + change.step + 0.011
        if abs(moved - change.value) > slack and (
            not first.value or abs(100 * moved / first.value - change.value) > 0.6
        ):
            yield finding(
                "change_against_ends",
                [change, first, second],
                Amount(rounded(moved, change), change.unit),
                change=change.text,
                moved=Amount(rounded(moved, change), change.unit),
            )


# -- what the catalogue knows ------------------------------------------------


def relations(kind: str) -> list[dict[str, str]]:
    """Rows of ``codes/indicator_relations.csv`` of one kind."""
    return [
        r
        for r in read_codelist("indicator_relations", key=["kind", "whole", "part"], required=["base"])
        if r["kind"] == kind
    ]


def _relations(facts: Facts) -> Iterator[Finding]:
    for row in relations("share"):
        for share in facts.by_indicator.get(row["whole"], []):
            count, base = _beside(facts, share, row["part"]), _beside(facts, share, row["base"], anywhere=True)
            if (
                count
                and base
                and count.kind == base.kind == "statistic"
                and share.role != "target"
                and not changing(share)
                and not _fits(share, count.spoken(), base.spoken())
            ):
                yield from _check_share(share, count, [count, base], count.value, base.value)
    for row in relations("sum"):
        for total in facts.by_indicator.get(row["whole"], []):
            first, second = _beside(facts, total, row["part"], once=True), _beside(facts, total, row["base"], once=True)
            if first and second and total.kind == "statistic" and total.value > max(first.value, second.value):
                yield from _compare(total, [first, second])
    for row in relations("nested"):
        for part in facts.by_indicator.get(row["part"], []):
            whole = _beside(facts, part, row["whole"])
            if whole and not changing(part) and _count(part, strict=True) > _count(whole, strict=False):
                yield finding("part_beyond_whole", [part, whole], part=part.text, whole=whole.text)


def _count(fact: Fact, strict: bool) -> float:
    if fact.kind == "ratio":
        return fact.numerator
    low, high = fact.strict()
    return low if strict else high


def _beside(facts: Facts, fact: Fact, indicator: str, *, anywhere: bool = False, once: bool = False) -> Fact | None:
    """The figure of another indicator that speaks of the same place and time, the nearest one."""
    found = [
        f for f in facts.by_indicator.get(indicator, [])
        if (f.period == fact.period or anywhere and not f.period) and not math.isnan(f.value) and f.role != "achievement" and not changing(f)
        and (anywhere or abs(f.statement.number - fact.statement.number) <= 1 and f.section == fact.section)
    ]  # fmt: skip
    places = {s for s in signature(fact, facts.home) if s.startswith("place:")}
    found = [f for f in found if anywhere or {s for s in signature(f, facts.home) if s.startswith("place:")} == places]
    if once and len(found) != 1:
        return None
    return min(found, key=lambda f: abs(f.start - fact.start), default=None)
