"""Lines nobody recognised between known ones, set against what the form has just there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

# From which likeness a line in the right place is taken for one of the form, and from which without a doubt.
LEAST, PLAIN = 0.3, 0.55
Fit = Callable[[int, int], float]


def gaps(
    places: Iterable[int], at: dict[int, int], free: set[int], skipped: set[int]
) -> Iterator[tuple[list[int], list[int]]]:
    """Runs of unknown places and the form's free lines that follow the known line before or precede the one after.

    Parameters
    ----------
    places : iterable of int
        Rows or columns of the sheet, in order.
    at : dict
        Place to line of the form, for the known ones.
    free, skipped : set of int
        Lines of the form that stand nowhere yet, and those that hold no figures.
    """
    run: list[int] = []
    above: int | None = None
    for place in [*places, -1]:
        if place in at or place < 0:
            if run:
                yield run, _between(above, at.get(place), free, skipped)
            run, above = [], at.get(place)
        else:
            run.append(place)


def _between(above: int | None, below: int | None, free: set[int], skipped: set[int]) -> list[int]:
    found: set[int] = set()
    for start, step in ((above, 1), (below, -1)):
        i = None if start is None else start + step
        while i is not None and i in free | skipped:
            found |= {i} & free
            i += step
    return sorted(found)


def pairs(run: list[int], gap: list[int], fit: Fit) -> list[tuple[int, int]]:
    """Which place is which line: one after the other where as many are missing, else the clearly likest."""
    if len(run) == len(gap):
        return [(place, i) for place, i in zip(run, gap, strict=True) if fit(place, i) >= LEAST]
    found: list[tuple[int, int]] = []
    for score, place, i in sorted(((fit(place, i), place, i) for place in run for i in gap), reverse=True):
        rivals = [fit(place, other) for other in gap if other != i] + [fit(other, i) for other in run if other != place]
        if score >= LEAST + 0.15 and score - max(rivals, default=0.0) >= 0.15:
            found.append((place, i))
    return found


def proves(parts: list[list[object]], signs: list[int], whole: list[object], ratio: bool) -> bool:
    """Whether figures are what the form would compute from their parts, but for the odd faulty one among many."""
    proofs = faults = 0
    for value, *terms in zip(whole, *parts, strict=True):
        numbers = [t for t in terms if isinstance(t, float)]
        if not isinstance(value, float) or not value or len(numbers) < len(terms):
            continue
        if ratio:
            expected = 100 * numbers[0] / numbers[1] if numbers[1] else 0.0
        else:
            expected = sum(sign * v for sign, v in zip(signs, numbers, strict=True))
        if abs(expected - value) > 0.06 + 1e-9 * abs(value):
            faults += 1
        else:
            proofs += 1
    return proofs > 4 * faults
