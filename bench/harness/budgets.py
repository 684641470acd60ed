"""What was promised, held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .figures import Figures

ZIP_MEGABYTES = 3.0
MEMORY_MIB = 32.0
INIT_TIMES_EMPTY = 2.0
FIRST_OWN_MS, FIRST_ALL_MS = 25.0, 150.0
WARM_MEDIAN_MS, WARM_P99_MS = 6.0, 15.0
TIMES_FASTER_THAN_PYTHON = 10.0
DOLLARS = 10.0
TABLE_CALLS = {"assessments": 2, "orders": 3, "token": 1}


@dataclass(frozen=True)
class Kept:
    """A budget, what was measured, and whether it is kept."""

    what: str
    budget: str
    measured: str
    kept: bool


def judge(figures: Figures, sizes: dict[str, float], ours: tuple[str, ...]) -> Iterator[Kept]:
    """Every budget of the design."""
    empty = _median(figures, "empty", "init", "full")
    worst = max(ours, key=lambda name: _median(figures, name, "init", "full"))
    times = _median(figures, worst, "init", "full") / empty
    yield Kept(f"init, whole processor; the slowest is {worst}", f"≤ {INIT_TIMES_EMPTY:g} × empty", f"{times:.2f} ×",
               times <= INIT_TIMES_EMPTY)
    own, whole = (_median(figures, "orders", "first", "128", measure) for measure in ("own_ms", "ms"))
    yield Kept("first order at 128 MB's share, TLS included: our own time", f"≤ {FIRST_OWN_MS:g} ms", f"{own:.1f} ms",
               own <= FIRST_OWN_MS)
    yield Kept("first order at 128 MB's share, TLS included: in all", f"≤ {FIRST_ALL_MS:g} ms", f"{whole:.1f} ms",
               whole <= FIRST_ALL_MS)
    for name, title in (("orders", "order"), ("assessments", "listing")):
        warm = figures.of(name, "warm", "256", "own_ms")
        if warm:
            yield Kept(f"warm {title} at 256 MB's share: p50", f"≤ {WARM_MEDIAN_MS:g} ms", f"{warm['median']:.1f} ms",
                       warm["median"] <= WARM_MEDIAN_MS)
            yield Kept(f"warm {title} at 256 MB's share: p99", f"≤ {WARM_P99_MS:g} ms", f"{warm['p99']:.1f} ms",
                       warm["p99"] <= WARM_P99_MS)
    for name, other in (("orders", "python-orders"), ("assessments", "python-listing")):
        for share in ("full", "256", "128"):
            times = _cold(figures, other, share) / _cold(figures, name, share)
            yield Kept(f"cold path against {other}, {share}", f"≥ {TIMES_FASTER_THAN_PYTHON:g} ×", f"{times:.1f} ×",
                       times >= TIMES_FASTER_THAN_PYTHON)
    heaviest = max(ours, key=lambda name: sizes[name])
    yield Kept(f"zip; the largest is {heaviest}", f"≤ {ZIP_MEGABYTES:g} MB", f"{sizes[heaviest]:.2f} MB",
               sizes[heaviest] <= ZIP_MEGABYTES)
    peaks = {name: max(figures.peaks[name]) / 1024 for name in ours if figures.peaks[name]}
    hungriest = max(peaks, key=lambda name: peaks[name])
    yield Kept(f"memory; the most is {hungriest}'s", f"≤ {MEMORY_MIB:g} MiB", f"{peaks[hungriest]:.1f} MiB",
               peaks[hungriest] <= MEMORY_MIB)
    for name, budget in TABLE_CALLS.items():
        made = sum(count for call, count in figures.usual_calls(name).items() if call.startswith("DynamoDB"))
        yield Kept(f"DynamoDB calls of {name}", f"≤ {budget}", str(made), made <= budget)


def priced(dollars: float) -> Kept:
    """A million whole journeys."""
    return Kept("a million whole journeys", f"≤ {DOLLARS:g} $", f"{dollars:.2f} $", dollars <= DOLLARS)


def _median(figures: Figures, name: str, kind: str, share: str, measure: str = "ms") -> float:
    found = figures.of(name, kind, share, measure)
    return found["median"] if found else float("nan")


def _cold(figures: Figures, name: str, share: str) -> float:
    """Start to first answer: initialisation with the whole processor, then the first call."""
    return _median(figures, name, "init", "full") + _median(figures, name, "first", share)
