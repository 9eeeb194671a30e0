"""Figures of an unlikely size: money per thing, members per body, more than there are, a scale word too many."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cached_property

from mttq_data.codelists import Row, keyed, read_codelist
from mttq_data.extraction.values import SCALES
from mttq_data.folding import fold
from mttq_data.problems.facts import Fact, Facts, Statement, cues, spelt
from mttq_data.problems.findings import Amount, Finding, finding, rounded
from mttq_data.problems.sums import relations

_EACH = spelt(
    r"(?<!\w)(?:mỗi|bình quân mỗi|trung bình mỗi|một) (?P<thing>[^\d,;.]{1,30}?) *(?:trị giá|giá trị|được hỗ trợ|hỗ trợ|là|được|có giá|giá|nhận|từ|tối thiểu|tối đa|không dưới|ít nhất|trên|gần|khoảng)*"
    r"(?: (?:từ|tối thiểu|tối đa|không dưới|ít nhất|trên|gần|khoảng))* *$"
)
_EACH_AFTER = spelt(r" *(?:đồng|đ)? ?(?:/|mỗi |cho mỗi |một |trên mỗi )(?P<thing>[^\d,;.()]{1,25})")
_WORTH_BEFORE = spelt(r"(?: trên| hơn| gần| khoảng| ước| xấp xỉ| đạt| là| lên tới| lên đến| được)* *$")
_OTHER_DEED = spelt(r"(?<!\w)(?:và|tặng|hỗ trợ|xây)(?!\w)[^,]*$")
_COSTS = spelt(r"[^,;.]{0,30}?(?<!\w)(?:là|đạt|lên tới|lên đến)(?: trên| hơn| gần| khoảng)* *$")
_FOR_THINGS = spelt(r" *đồng,? (?:với|gồm|mua|tặng) *(?:được )?(?:trên|hơn|gần|khoảng)? *$")
_TOTAL = spelt(
    r"(?<!\w)(?:tổng|tổng cộng|tổng trị giá|tổng giá trị|tổng kinh phí|tổng số tiền|trị giá|kinh phí|số tiền|giá trị|hết)(?!\w)[^\d,;.]{0,20}$"
)
_MEMBERS = spelt(r"(?:thành viên|ủy viên|hòa giải viên|người|hội viên|cán bộ)(?!\w)")
_WITH = spelt(r"[^\d;.]{0,60}?(?:với|có|gồm|\(|,)(?: tổng số| tổng cộng| trên| hơn| gần| khoảng)* *$")
_ELSEWHERE = spelt(r"(?<!\w)(?:cả nước|toàn quốc|việt nam có|thế giới|trung ương|các tỉnh)(?!\w)")
_SEEN = spelt(r"lượt (?:xem|truy cập|tiếp cận|theo dõi|tương tác|chia sẻ|view)")
_OVER_FULL = spelt(
    r"(?<!\w)(?:bằng|gấp|vượt|tăng|kế hoạch|chỉ tiêu|mục tiêu|dự toán|nghị quyết|so với|cùng kì|tốc độ|chỉ số)(?!\w)"
)
_POOR = spelt(r"(?:lượt )?hộ nghèo(?!,| và|, hộ)")
_OF_ALL = re.compile(r" *(?:số )?(?:hộ|người|khu dân cư|thôn|xã|cử tri|cán bộ|đoàn viên|hội viên)(?!\w)")
_COMMUNES = {"commune_level_unit", "commune", "ward", "township"}


class Sizes:
    """Rules of size over one document, with what is known of its province."""

    def __init__(self, facts: Facts, names: str = "") -> None:
        self.facts = facts
        self._names = names
        self.money, self.members = (keyed(f"plausible_{name}", "unit") for name in ("money", "members"))
        self.counts = keyed("plausible_counts", "key")
        self.limits = {name: float(row["value"]) for name, row in keyed("problem_limits", "name").items()}

    @cached_property
    def stated(self) -> Fact | None:
        """The population as the report states it."""
        found = [f for f in self.facts.by_indicator.get("population", []) if f.value > 10_000]
        return max(found, key=lambda f: f.value, default=None)

    @cached_property
    def population(self) -> float:
        """As many people as there can be: stated, else the largest province the text names; 0 where unknown."""
        if self.stated:
            return self.stated.spoken()[1]
        low = fold(self._names)
        late = any(f.period[:4] >= "2025" for f in self.facts.all if f.period and f.role != "target")
        people = 0.0
        for row in read_codelist("populations", key=["name", "from_year"], required=["people"]):
            if (late or not row["from_year"]) and re.search(rf"(?<!\w){re.escape(fold(row['name']))}(?!\w)", low):
                people = max(people, float(row["people"]))
        return people * self.limits["population_margin"]

    @cached_property
    def households(self) -> float:
        """As many households as there can be."""
        stated = [f.spoken()[1] for f in self.facts.by_indicator.get("households_count", [])]
        return max(stated) if stated else self.population / self.limits["household_size_least"]

    def __iter__(self) -> Iterator[Finding]:
        for statement in self.facts.statements:
            scaled = {id(f): x for f in statement.facts if (x := self._scale_word(f))}
            yield from scaled.values()
            for found in self._money(statement):
                if not any(f.span in found.spans and id(f) in scaled for f in statement.facts):
                    yield found
            yield from self._members(statement)
            yield from self._each_times_count(statement)
            for fact in statement.facts:
                if id(fact) not in scaled:
                    yield from self._beyond(fact)
        yield from self._units_beyond(_COMMUNES, "commune_level_units_count")
        yield from self._uses()

    # -- money and members per thing -----------------------------------------

    def _money(self, statement: Statement) -> Iterator[Finding]:
        for index, money in enumerate(statement.facts):
            if money.unit != "VND" or math.isnan(money.value) and money.kind != "range":
                continue
            each = self._each(money)
            if each is not None:
                low, high = money.spoken()
                yield from self._unlikely(each, low, high, [money])
                continue
            for thing in self._things(statement, index, money):
                low, high = money.spoken()
                few, many = thing.spoken()
                if few > 0 and thing.value >= 2:
                    yield from self._unlikely(self.money[thing.unit], low / many, high / few, [money, thing])

    def _each(self, money: Fact) -> Row | None:
        """The thing of which this is the price ("mỗi suất 500.000 đồng", "50 triệu đồng/nhà")."""
        found = _EACH.search(money.before[-60:]) or _EACH_AFTER.match(money.after)
        if not found:
            return None
        words = found["thing"].strip()
        unit = next((u for start, u in _THINGS if words.startswith(start)), "")
        if unit == "gift" and money.statement.facts[0] is not money:
            # "mỗi suất" takes its meaning from the thing counted before it.
            before = [
                f.unit
                for f in money.statement.facts
                if f.start < money.start and f.unit in {"gift", "scholarship", "meal"}
            ]
            unit = before[-1] if before else unit
        # Relief for a damaged house is not the price of a house.
        if unit == "house" and cues("damaged").search(f"{money.before[-60:]} {money.after[:60]}"):
            return None
        return self.money.get(unit)

    def _things(self, statement: Statement, index: int, money: Fact) -> Iterator[Fact]:
        # "5.142 nhà (xây mới 3.000, sửa chữa 2.142), trị giá …": what stands in brackets is not what the money is for.
        outside = [
            f
            for f in statement.facts[:index]
            if f.unit != "percent" and statement.between(f, money).count(")") <= statement.between(f, money).count("(")
        ]
        before = outside[-1] if outside else None
        if before and before.unit in self.money and before.kind == "statistic" and not math.isnan(before.value):
            between = statement.between(before, money)
            if ";" not in between and _is_worth(before, between):
                yield before
        after = statement.facts[index + 1] if index + 1 < len(statement.facts) else None
        if (
            after
            and after.unit in self.money
            and after.unit != "household"
            and not math.isnan(after.value)
            and _FOR_THINGS.fullmatch(statement.between(money, after))
        ):
            yield after

    def _unlikely(self, row: Row, low: float, high: float, places: list[Fact]) -> Iterator[Finding]:
        if high < float(row["low"]) or low > float(row["high"]):
            each = Amount(rounded((low + high) / 2), "VND")
            yield finding(
                "money_per_thing", places, self._without_factor(row, (low + high) / 2),
                each=each, thing_vi=row["name_vi"], thing_en=row["name_en"], low=Amount(float(row["low"]), "VND"), high=Amount(float(row["high"]), "VND"),
            )  # fmt: skip

    @staticmethod
    def _without_factor(row: Row, each: float) -> str:
        """Which power of ten would make the price usual."""
        usual = math.sqrt(float(row["low"]) * float(row["high"]))
        power = round(math.log10(usual / each)) if each > 0 else 0
        return (
            f"× {10**power:,}".replace(",", ".")
            if power > 0
            else f": {10**-power:,}".replace(",", ".")
            if power
            else ""
        )

    def _members(self, statement: Statement) -> Iterator[Finding]:
        for body, people in zip(statement.facts, statement.facts[1:], strict=False):
            row = self.members.get(body.indicator) or self.members.get(body.unit)
            if (
                not row
                or people.unit != "person"
                or body.kind != "statistic"
                or math.isnan(people.value)
                or body.value < 2
                or people.kind != "statistic"
            ):
                continue
            between = statement.between(body, people)
            if (
                not _MEMBERS.match(fold(people.counted))
                or not _WITH.fullmatch(between)
                or re.search(r"(?<!\w)(?:mỗi|bình quân|cho)(?!\w)", between)
            ):
                continue
            low, high = people.spoken()[0] / body.spoken()[1], people.spoken()[1] / body.spoken()[0]
            if high < float(row["low"]) or low > float(row["high"]):
                yield finding(
                    "members_per_body", [people, body], each=Amount(round(people.value / body.value, 1)),
                    thing_vi=row["name_vi"], thing_en=row["name_en"], low=Amount(float(row["low"])), high=Amount(float(row["high"])),
                )  # fmt: skip

    def _each_times_count(self, statement: Statement) -> Iterator[Finding]:
        """58.340 gifts of 500.000 đồng each, 29,17 tỷ in all: the product must be the total."""
        facts, at = statement.facts, statement.facts.index
        prices = [
            (f, row["unit"]) for f in facts if f.unit == "VND" and (row := self._each(f)) and row["unit"] in self.money
        ]
        if len(prices) != 1:
            return
        price, unit = prices[0]
        things = [f for f in facts[: at(price)] if f.unit == unit and f.kind == "statistic" and not math.isnan(f.value)]
        if not things or at(things[-1]) < at(price) - 2:
            return
        thing = things[-1]
        sums = [f for f in facts if f.unit == "VND" and f is not price and f.kind == "statistic"]
        total = next((f for f in sums if f.start > thing.start and _TOTAL.search(f.before[-45:])), None)
        if total is None or abs(at(total) - at(price)) > 1:
            return
        ends = [f.spoken() if price.kind == "range" else f.strict() for f in (thing, price)]
        low, high = (one * other for one, other in zip(*ends, strict=True))
        if total.strict()[1] < 0.97 * low or total.strict()[0] > 1.03 * high:
            right = Amount(thing.value * price.value, "VND") if price.certain and thing.certain else ""
            yield finding(
                "each_times_count",
                [total, thing, price],
                right,
                total=total.text,
                sum=Amount(low, "VND"),
                count=thing.text,
                each=price.text,
            )

    # -- more than there are -------------------------------------------------

    def _scale_word(self, fact: Fact) -> Finding | None:
        row = self.counts.get(fact.indicator) or self.counts.get(fact.unit)
        if (
            not fact.scale
            or not row
            or fact.corrected
            or math.isnan(fact.value)
            or fact.kind != "statistic"
            or _ELSEWHERE.search(fact.before[-60:])
        ):
            return None
        most = float(row["most"])
        if self.population and row["most_per_person"]:
            most = min(most, self.population * float(row["most_per_person"]))
        plain = fact.value / SCALES.get(fact.scale, 1.0)
        if fact.spoken()[0] <= most or plain > most or plain < 10 or plain != int(plain):
            return None
        return finding(
            "scale_word",
            [fact],
            Amount(plain, fact.unit),
            scale=fact.scale.replace("tỉ", "tỷ"),
            value=Amount(fact.value, fact.unit),
            plain=Amount(plain, fact.unit),
        )

    def _beyond(self, fact: Fact) -> Iterator[Finding]:
        low = fact.spoken()[0]
        if (
            math.isnan(low)
            or fact.kind not in {"statistic", "ratio"}
            or _ELSEWHERE.search(fact.before[-60:] + fact.after[:40])
        ):
            return
        if fact.unit == "percent":
            whole = fact.indicator or _OF_ALL.match(fact.after)
            told = _OVER_FULL.search(fact.before[-60:] + " " + fact.after[:40])
            if low > 100 and fact.role in {"actual", "context", "target"} and whole and not told:
                yield finding("share_beyond_100", [fact], share=fact.text)
            return
        if not self.population or fact.kind == "ratio":
            return
        people = [self.stated] if self.stated and self.stated is not fact else []
        words = {"base": Amount(rounded(self.population), "person"), "value": Amount(fact.value, fact.unit)}
        if (
            fact.unit == "attendance"
            and low > self.limits["attendances_per_person"] * self.population
            and not _SEEN.match(fact.after.lstrip())
        ):
            yield finding(
                "attendance_beyond_population",
                [fact],
                "",
                **{**words, "each": Amount(round(fact.value / self.population, 1))},
            )
        elif fact.unit == "person" and fact.indicator != "population" and low > 1.02 * self.population:
            yield finding("count_beyond_base", [fact, *people], "", **words)
        elif fact.unit in {"household", "house"}:
            yield from self._households_beyond(fact, low)
        elif fact.unit == "gift" and low > 3 * self.population:
            yield finding("count_beyond_base", [fact, *people], "", **words)

    def _households_beyond(self, fact: Fact, low: float) -> Iterator[Finding]:
        most, places = 1.02 * self.households, [fact]
        rates = [f for f in self.facts.by_indicator.get("poverty_rate", []) if f.certain and f.role != "target"]
        if rates and (_POOR.match(fold(fact.counted)) or fact.indicator.startswith("poor_households")):
            rate = max(rates, key=lambda f: f.value)
            most = (
                self.limits["poor_households_times"]
                * self.population
                / self.limits["household_size"]
                * rate.value
                / 100
            )
            places = [fact, rate]
        if low > most:
            yield finding(
                "count_beyond_base",
                places,
                base=Amount(rounded(most), "household"),
                value=Amount(fact.value, fact.unit),
            )

    def _units_beyond(self, units: set[str], base: str) -> Iterator[Finding]:
        stated = [f for f in self.facts.by_indicator.get(base, []) if f.certain]
        if len(stated) != 1:
            return
        for fact in self.facts.all:
            count = fact.denominator if fact.kind == "ratio" else fact.strict()[0]
            if (
                fact.unit in units
                and fact is not stated[0]
                and fact.kind in {"statistic", "ratio"}
                and count > stated[0].value
                and not _ELSEWHERE.search(fact.statement.low)
                and fact.per != "year"
            ):
                yield finding(
                    "count_beyond_base",
                    [fact, stated[0]],
                    base=Amount(stated[0].value, stated[0].unit),
                    value=Amount(count, fact.unit),
                )

    def _uses(self) -> Iterator[Finding]:
        """Uses named right after what was raised that come to a multiple of it."""
        for name in {r["whole"] for r in relations("use")}:
            parts = [r["part"] for r in relations("use") if r["whole"] == name]
            for raised in self.facts.by_indicator.get(name, []):
                if raised.role == "target" or math.isnan(raised.value):
                    continue
                uses = [
                    f
                    for p in parts
                    for f in self.facts.by_indicator.get(p, [])
                    if f.section == raised.section
                    and f.period == raised.period
                    and f.start > raised.start
                    and f.value > 0
                    and f.role != "target"
                ]
                total = sum(f.value for f in uses)
                if len(uses) >= 2 and total > self.limits["uses_times"] * raised.value:
                    yield finding(
                        "uses_beyond_raised",
                        [raised, *uses],
                        sum=Amount(total, "VND"),
                        raised=Amount(raised.value, "VND"),
                    )


def _is_worth(thing: Fact, between: str) -> bool:
    """Do the words say that the money after them is the things' worth ("trị giá", "với tổng kinh phí", "tổng trị giá … là")?"""
    words = list(cues("total_money").finditer(between))
    if words and _WORTH_BEFORE.fullmatch(between[words[-1].end() :]):
        return not _OTHER_DEED.search(between[: words[-1].start()][-12:])
    return bool(cues("total_money").search(thing.before[-25:]) and _COSTS.fullmatch(between))


_THINGS = (
    ("suất quà", "gift"), ("phần quà", "gift"), ("túi quà", "gift"), ("suất học bổng", "scholarship"), ("suất ăn", "meal"), ("suất", "gift"), ("phần", "gift"),
    ("học bổng", "scholarship"), ("căn", "house"), ("ngôi nhà", "house"), ("nhà", "house"), ("con bò", "cow"), ("bò", "cow"), ("sổ tiết kiệm", "savings_book"),
    ("hộ", "household"), ("xe lăn", "wheelchair"), ("xe đạp", "bicycle"), ("camera", "camera"), ("thẻ", "health_insurance_card"),
)  # fmt: skip
