"""Intervals: how far ages lie from predictions, by sex and by the band of the predicted age. Months.

Split-conformal within each group (Vovk's Mondrian conformal prediction, "Algorithmic Learning in a Random World", 2005,
section 4.5): each group's interval is made from its own validation cases, so that it holds what it promises there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from trainer.metrics import AGE_BANDS, Months, residual_quantiles, share_interval

WITHOUT_SEX: Final = "sex not given"
ALL: Final = "all"
LEAST_CASES: Final = 50  # a smaller group takes the interval of the next larger one
_BAND_STARTS: Final = {f"{low // 12}-{high // 12} y": low for low, high in AGE_BANDS}

Row = Mapping[str, float]  # q05, q95, n; and test_n, test_covered where they were tried
Quantiles = Mapping[str, Row]


def groups_of(predicted_months: float, sex: str | None, *, hidden: bool = False) -> tuple[str, ...]:
    """Return the groups a prediction belongs to, the narrowest first; ``hidden``: a model that reads sex was not told.

    The band is of the predicted age, since the right one is not known.
    """
    band = next((band for band in AGE_BANDS if predicted_months < band[1]), AGE_BANDS[-1])
    name = f"{band[0] // 12}-{band[1] // 12} y"
    if hidden:
        return f"{WITHOUT_SEX}, {name}", WITHOUT_SEX, ALL
    return (f"{sex}, {name}", name, ALL) if sex else (name, ALL)


def chosen(quantiles: Quantiles, predicted_months: float, sex: str | None, *, hidden: bool = False) -> str:
    """Return the narrowest group that there is an interval for; that of all cases is always there."""
    return next(name for name in groups_of(predicted_months, sex, hidden=hidden) if name in quantiles)


def grouped_quantiles(
    predicted: Months, actual: Months, sexes: Sequence[str | None], *, hidden: bool = False
) -> dict[str, Row]:
    """Return the intervals of all validation cases, and of every group of 50 or more. Predictions are float64[n].

    None where there are too few validation cases for any.
    """
    members: dict[str, list[int]] = {}
    for place, (months, sex) in enumerate(zip(predicted, sexes, strict=True)):
        for name in groups_of(float(months), sex, hidden=hidden):
            members.setdefault(name, []).append(place)
    whole = WITHOUT_SEX if hidden else ALL
    if hidden:
        members.pop(ALL, None)  # those are of predictions that were told
    rows = {
        name: residual_quantiles(predicted[places], actual[places])
        for name, places in sorted(members.items(), key=lambda member: (member[0] != whole, member[0]))
        if name == whole or len(places) >= LEAST_CASES
    }
    return {name: row for name, row in rows.items() if row}


def tried(
    quantiles: Quantiles, predicted: Months, actual: Months, sexes: Sequence[str | None], *, hidden: bool = False
) -> dict[str, Row]:
    """Return the same with what was covered of test cases: each counts in the group whose interval it gets."""
    if not quantiles:
        return {}
    counts: dict[str, list[bool]] = {}
    for months, right, sex in zip(predicted, actual, sexes, strict=True):
        name = chosen(quantiles, float(months), sex, hidden=hidden)
        inside = quantiles[name]["q05"] <= right - months <= quantiles[name]["q95"]
        counts.setdefault(name, []).append(bool(inside))
    return {
        name: {**row, "test_n": float(len(counts[name])), "test_covered": float(sum(counts[name]))}
        if name in counts
        else dict(row)
        for name, row in quantiles.items()
    }


def coverage_lines(quantiles: Quantiles, coverage: float) -> list[str]:
    """Return what to say of every interval, bands by age, and of all test cases together, told the sex and not."""
    names = sorted(quantiles, key=_place)
    lines = [_line(name, quantiles[name], coverage, rest=_is_rest(name, names)) for name in names]
    for hidden, words in ((False, "held-out cases"), (True, f"held-out cases, {WITHOUT_SEX}")):
        rows = [row for name, row in quantiles.items() if name.startswith(WITHOUT_SEX) == hidden and "test_n" in row]
        if len(rows) > 1:
            lines.append(f"Together, the intervals held {_held(rows)} {words}")
    return lines


def _place(name: str) -> tuple[bool, str, int]:
    """Where a group stands on a card: told the sex before not, all before some, then by sex and by age."""
    sex, _, band = name.rpartition(", ")
    low = _BAND_STARTS.get(band)
    if low is None:
        return name.startswith(WITHOUT_SEX), "" if name == ALL else name, -1
    return name.startswith(WITHOUT_SEX), sex, low


def _is_rest(name: str, names: Sequence[str]) -> bool:
    """Say whether a group is what is left: of all cases, where there are narrower groups."""
    hidden = name == WITHOUT_SEX
    return name in (ALL, WITHOUT_SEX) and any(
        other.startswith(WITHOUT_SEX) == hidden for other in names if other != name
    )


def _line(name: str, row: Row, coverage: float, *, rest: bool) -> str:
    group = name.replace("-", "–") + (", used where no group below fits" if rest else "")
    line = (
        f"{coverage:.0%} interval ({group}): {row['q05']:+.1f} to {row['q95']:+.1f} months, from "
        f"{row.get('n', 0):.0f} validation cases"
    )
    return f"{line}; held {_held([row])} held-out cases" if "test_n" in row else line


def _held(rows: Sequence[Row]) -> str:
    count, covered = (int(sum(row[key] for row in rows)) for key in ("test_n", "test_covered"))
    share, low, high = share_interval(covered, count)
    return f"{share:.1%} ({low:.0%} to {high:.0%}) of {count:,}"
