"""Writes `bench/results.json`, and the tables of `docs/performance.md` between their markers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from . import budgets
from .figures import Figures
from .places import DOCUMENT, RESULTS
from .subjects import OURS

BESIDE = ("empty", "usual-orders", "python-orders", "usual-listing", "python-listing")
TITLES = {
    "empty": "empty Rust function", "usual-orders": "orders, SDK's defaults", "usual-listing": "listing, SDK's defaults",
    "python-orders": "orders, Python", "python-listing": "listing, Python",
}
MEASURED = (*OURS[:6], "reconcile-look", "results-started", "results-completed", OURS[7])


def write(figures: Figures, sizes: dict[str, float], machine: dict[str, Any], cost: dict[str, Any]) -> list[budgets.Kept]:
    """Writes both, and returns the budgets."""
    kept = [*budgets.judge(figures, sizes, OURS), budgets.priced(cost["per_million_journeys"]["total"])]
    everything = {**machine, "budgets": [vars(one) for one in kept], "zip_megabytes": sizes, "cost": cost,
                  "measured": figures.all()}
    RESULTS.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n")
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    where = machine["machine"]
    fill("machine", [f"{machine['measured_at']}, commit {machine['commit']}, {where['processor']}, {where['cores']} cores, "
                     f"Linux {where['kernel']}, load at the start {machine['load_at_start']}. {versions}."])
    fill("budgets", table(("what", "budget", "measured", ""),
                          [(one.what, one.budget, one.measured, "kept" if one.kept else "**not kept**") for one in kept]))
    fill("cold", table(("function", "init", "first call, whole processor", "256 MB", "128 MB", "128 MB, own", "TLS handshakes"),
                       _cold(figures)))
    fill("warm", table(("function", "whole processor", "256 MB", "256 MB, own", "128 MB", "processor time", "memory"),
                       _warm(figures)))
    fill("sizes", table(("function", "zip"), [(_title(name), f"{size:.2f} MB") for name, size in sizes.items()]))
    fill("cost", cost_lines(cost))
    fill("calls", table(("function", "calls of a warm request"), _calls(figures)))
    return kept


def _cold(figures: Figures) -> list[tuple[str, ...]]:
    rows = []
    for name in (*OURS, *BESIDE):
        firsts = [_middle(figures.of(name, "first", share, "ms")) for share in ("full", "256", "128")]
        handshakes = figures.of(name, "first", "full", "handshakes")
        rows.append((_title(name), _middle(figures.of(name, "init", "full", "ms")), *firsts,
                     _middle(figures.of(name, "first", "128", "own_ms")), f"{handshakes['median']:.0f}" if handshakes else ""))
    return rows


def _warm(figures: Figures) -> list[tuple[str, ...]]:
    rows = []
    for name in (*MEASURED, *BESIDE):
        spans = [_tail(figures.of(name, "warm", share, measure))
                 for share, measure in (("full", "ms"), ("256", "ms"), ("256", "own_ms"), ("128", "ms"))]
        used = figures.of(name, "warm", "full", "cpu_ms")
        peaks = figures.peaks.get(_function(name), [])
        rows.append((_title(name), *spans, f"{used['median']:.2f} ms" if used else "",
                     f"{max(peaks) / 1024:.1f} MiB" if peaks else ""))
    return rows


def _calls(figures: Figures) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name in MEASURED:
        calls = figures.usual_calls(name).items()
        rows.append((_title(name), ", ".join(f"{call}{f' × {count}' if count > 1 else ''}" for call, count in calls) or "none"))
    return rows


def _function(name: str) -> str:
    """The function that a measured name belongs to."""
    known = next((one for one in OURS if name.startswith(one)), name)
    return known


def _title(name: str) -> str:
    return TITLES.get(name, name)


def _middle(told: dict[str, float] | None) -> str:
    """Median, with the range in which the middle half lies."""
    return f"{told['median']:.1f} ({told['p25']:.1f}–{told['p75']:.1f})" if told else ""


def _tail(told: dict[str, float] | None) -> str:
    """Median and p99."""
    return f"{told['median']:.1f} / {told['p99']:.1f}" if told else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def fill(name: str, lines: list[str]) -> None:
    """Puts lines between the markers of this name."""
    text = DOCUMENT.read_text()
    begin, end = f"<!-- bench: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{DOCUMENT} has no place for {name}")
    block = "\n".join([begin, *lines, end])
    DOCUMENT.write_text(pattern.sub(lambda _: block, text))


def cost_lines(costs: dict[str, Any]) -> list[str]:
    """The costs as they stand in the document."""
    prices = costs["prices"]
    waits = ", ".join(f"{name} {ms:g} ms" for name, ms in costs["waits_ms"].items())
    journey, idle = costs["per_million_journeys"], costs["idle_month"]
    bills = {"a million journeys": journey, "of them all but the looks": costs["per_million_journeys_without_looks"],
             "a million journeys, none of a company soon after another": costs["per_million_journeys_scattered"],
             "a million journeys where no callback comes": costs["per_million_journeys_without_callbacks"],
             "a million looks": costs["per_million_looks"], "an idle stack, a month": idle}
    services = sorted({name for bill in bills.values() for name in bill["services"]})
    rows = [(what, f"**{bill['total']:.2f}**", *(_dollars(bill["services"].get(name)) for name in services))
            for what, bill in bills.items()]
    routes = [(f"a million: {name}", f"{bill['total']:.2f}") for name, bill in costs["per_million_requests"].items()]
    return [f"Dollars in {prices['region']}, prices of {prices['as_of']}. Assumed waits: {waits}. A journey here takes three "
            f"days, in which the reconciliation looks at the candidate {costs['looks']} times; "
            f"{costs['looks_without_callbacks']} times where TestGorilla never calls back. The metrics of a busy stack are "
            f"{costs['metrics_month']:.2f} a month more, however busy it is.", "",
            *table(("", "in all", *services), rows), "", *table(("requests of a route", "dollars"), routes)]


def _dollars(value: float | None) -> str:
    return f"{value:.2f}" if value else ""
