"""Figures: what was measured, and what is told of it."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from .driver import Call


def told(values: list[float]) -> dict[str, float]:
    """Median, p99 and spread. All in the unit of the values."""
    ordered = sorted(values)
    return {"n": len(ordered), "min": ordered[0], "p25": at(ordered, 0.25), "median": at(ordered, 0.5),
            "p75": at(ordered, 0.75), "p99": at(ordered, 0.99), "max": ordered[-1]}


def at(ordered: list[float], share: float) -> float:
    """The value that this share of all does not exceed (nearest rank)."""
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[int(rank) - 1]


@dataclass
class Figures:
    """Everything that was measured: lists by function, kind (`init`, `first`, `warm`), share and measure."""

    values: dict[tuple[str, str, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    # How often a warm request made exactly these calls.
    calls: dict[str, Counter[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(Counter))
    # A call of each function with what it carried; those of one journey, in its order.
    samples: dict[str, Call] = field(default_factory=dict)
    peaks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def init(self, function: str, init: dict[str, Any]) -> None:
        """An initialisation, always with the whole processor."""
        with self._lock:
            self.values[function, "init", "full", "ms"].append(init["us"] / 1000)
            self.values[function, "init", "full", "cpu_ms"].append(init["cpu_us"] / 1000)

    def call(self, function: str, kind: str, share: str, call: Call) -> None:
        """A call."""
        with self._lock:
            for measure, value in (("ms", call.us), ("own_ms", call.own_us), ("cpu_ms", call.cpu_us)):
                self.values[function, kind, share, measure].append(value / 1000)
            if kind == "first":
                self.values[function, kind, share, "handshakes"].append(call.handshakes)
            else:
                self.values[function, kind, share, "logged"].append(call.logged)
                self.calls[function][tuple(sorted(_name(one) for one in call.calls))] += 1

    def keep(self, named: list[tuple[str, Call]]) -> None:
        """Keeps calls with what they carried, in their order; of several of one function the last."""
        for function, call in named:
            self.samples[function] = call

    def peak(self, function: str, kib: int) -> None:
        """The most memory that a process held."""
        with self._lock:
            self.peaks[function].append(kib)

    def of(self, function: str, kind: str, share: str, measure: str) -> dict[str, float] | None:
        """What is told of one list; None when nothing was measured."""
        values = self.values.get((function, kind, share, measure))
        return told(values) if values else None

    def usual_calls(self, function: str) -> dict[str, int]:
        """The calls of most of a function's warm requests, by name."""
        [(names, _)] = self.calls[function].most_common(1) or [((), 0)]
        return dict(Counter(names))

    def all(self) -> dict[str, Any]:
        """Everything, for the file."""
        tree: dict[str, Any] = {}
        for (function, kind, share, measure), values in sorted(self.values.items()):
            rounded = {name: round(value, 3) for name, value in told(values).items()}
            tree.setdefault(function, {}).setdefault(kind, {}).setdefault(share, {})[measure] = rounded
        for function, peaks in self.peaks.items():
            tree.setdefault(function, {})["peak_mib"] = round(max(peaks) / 1024, 2)
        for function, counter in self.calls.items():
            tree.setdefault(function, {})["calls"] = [
                {"requests": count, "calls": dict(Counter(names))} for names, count in counter.most_common(5)]
        return tree


def _name(call: dict[str, Any]) -> str:
    """What a call is named: AWS's operation, or the partner's method and path without ids."""
    if call["to"] == "aws":
        return str(call["what"]).replace("DynamoDB_20120810", "DynamoDB").replace("AmazonSQS", "SQS") \
            .replace("secretsmanager", "SecretsManager")
    method, path = str(call["what"]).split(" ", 1)
    segments = ["{id}" if any(letter.isdigit() for letter in segment) and segment != "v202010" else segment
                for segment in path.split("/")]
    return f"{call['to']}: {method} {'/'.join(segments)}"
