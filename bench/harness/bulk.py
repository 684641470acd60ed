"""Writes down what was found with many orders, companies and assessments: a file for each, and its table in the document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stack.progress import say

from .places import BENCH
from .report import fill, table

BURST, GROWTH, ACCOUNT = (BENCH / f"{name}.json" for name in ("burst", "growth", "account"))


def keep(file: Path, name: str, told: dict[str, Any]) -> None:
    """Keeps what was found under a name beside what the file holds, prints it, and writes the tables anew."""
    found = read(file)
    found[name] = told
    file.write_text(json.dumps(found, indent=1) + "\n")
    for what, value in told.items():
        say(f"  {what:46} {value}")
    tables()


def read(file: Path) -> dict[str, Any]:
    """What a file holds; nothing where there is none."""
    return dict(json.loads(file.read_text())) if file.exists() else {}


def tables() -> None:
    """Fills in what is known."""
    bursts = read(BURST)
    if bursts:
        fill("burst", _beside(bursts))
    growth = read(GROWTH)
    account = read(ACCOUNT)
    lines = table(("finished orders", "calls of a reconciliation in which nothing is due"),
                  [(name, ", ".join(f"{call} × {count}" for call, count in calls.items())) for name, calls in growth.items()])
    fill("growth", [*(lines if growth else []), "", *(_beside(account) if account else [])])


def _beside(found: dict[str, dict[str, Any]]) -> list[str]:
    """What was found of each, side by side."""
    rows = list(dict.fromkeys(what for told in found.values() for what in told))
    return table(("", *found), [(what, *(str(told.get(what, "")) for told in found.values())) for what in rows])
