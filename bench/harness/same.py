"""Before anything is measured: those that are compared give the same answers and leave the same items."""

from __future__ import annotations

import json
from typing import Any

from stack.progress import Failed, say

from .units import Unit, World

# What differs between any two runs: times.
TIMES = ("accepted_at", "invite_at", "created_at", "changed_at", "due_at")


def check(world: World, units: list[Unit]) -> None:
    """Raises `Failed` when they differ."""
    by_name = {unit.name: unit for unit in units}
    _same(world, [by_name[name] for name in ("assessments", "usual-listing", "python-listing")],
          world.events.plain("assessments/list"))
    _same(world, [by_name[name] for name in ("orders", "usual-orders", "python-orders")],
          world.events.order("https://localhost"))
    say("The three listings and the three orders give the same answers and leave the same items.")


def _same(world: World, units: list[Unit], event: Any) -> None:
    found = []
    for unit in units:
        unit.fresh()
        unit.start(None)
        answer = unit.lanes[unit.name].call(event).answer
        unit.stop()
        found.append((unit.name, _plain(answer), _written(world, unit)))
    first, *others = found
    for other in others:
        if other[1:] != first[1:]:
            raise Failed(f"{first[0]} and {other[0]} differ:\n{json.dumps(first[1:])}\n{json.dumps(other[1:])}")


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    """Status and body."""
    return {"status": answer["statusCode"], "body": json.loads(answer["body"])}


def _written(world: World, unit: Unit) -> list[dict[str, Any]]:
    """The orders and invitations in its table, without times."""
    if unit.table == world.scene.stack.outputs["TableName"]:
        return []
    items = world.scene.aws("dynamodb").scan(TableName=unit.table)["Items"]
    kinds = ("ORDER#", "INVITATION#")
    chosen = [{name: value for name, value in item.items() if name not in TIMES} for item in items
              if item["sk"]["S"].startswith(kinds)]
    if len(chosen) != 2:
        raise Failed(f"{unit.name} has written {len(chosen)} items.")
    return sorted(chosen, key=lambda item: str(item["sk"]["S"]))
