"""Who has sent what, over several periods."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form as form_of
from mttq_data.periods import parse_period
from mttq_data.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.forms.model import Form


def completeness(
    store: Store | str | Path, form: str = "front_work", period: str | Iterable[str] | None = None
) -> pd.DataFrame:
    """Who has sent the returns of one period or several, and who has not.

    Parameters
    ----------
    store : Store, str or Path
        The store, or its file.
    form : str
        Id of the form.
    period : str or iterable of str, optional
        As the tables write it: ``2024-Q4``. By default every period between the
        first and the last of which the store holds a return of the form.

    Returns
    -------
    DataFrame
        One row a unit and period: ``area, period, form, status (in time, late,
        missing, with errors), received, due`` (days), ``days_late, revision,
        errors, warnings, expected`` (False for a unit that sent it without owing
        it); see `Store.status`. Periods in order.

    Raises
    ------
    MttqError
        The form is not known, a period cannot be read or is not one the form is
        sent for, or the store cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> empty = completeness(tempfile.mkdtemp() + "/store.sqlite", "front_work", ["2024-Q3", "2024-Q4"])
    >>> empty.groupby("period")["status"].value_counts().to_dict()
    {('2024-Q3', 'missing'): 10, ('2024-Q4', 'missing'): 10}
    """
    import pandas as pd

    kept = store if isinstance(store, Store) else Store(store)
    made = form_of(form)
    named = [period] if isinstance(period, str) else period
    wanted = _kept_periods(kept, made) if named is None else list(named)
    if not wanted:
        raise MttqError(f"{kept.path}: holds no return of {made.id}; name the periods, as in period='2024-Q4'")
    texts = dict.fromkeys(made.check_period(p).text for p in wanted)
    frames = [kept.status(made.id, p) for p in sorted(texts, key=lambda p: (parse_period(p).end, p))]
    return pd.concat(frames, ignore_index=True)


def _kept_periods(store: Store, made: Form) -> list[str]:
    """The periods the store holds and, between two of one kind, those nobody sent."""
    if not store.exists():
        return []
    held = [parse_period(p) for p in store.revisions(form=made.id)["period"].unique()]
    wanted = {p.text for p in held}
    for kind in {p.kind for p in held}:
        same = sorted((p for p in held if p.kind == kind), key=lambda p: p.end)
        before = same[-1].previous()
        while before is not None and before.end > same[0].end:
            wanted.add(before.text)
            before = before.previous()
    return sorted(wanted)
