"""What must not grow: the reads of a reconciliation in which nothing is due, with finished orders in the table."""

from __future__ import annotations

import copy
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stack.progress import Failed, say

from . import bulk, certificates, subjects
from .driver import Driver
from .events import Events
from .places import LOCAL
from .scene import scene
from .subjects import Subject
from .units import Journey, Single, World

# With 100,000 the emulated DynamoDB, which reads every item for each query, answers none within the three seconds that are waited for.
FINISHED = (10, 1_000, 20_000)
BATCH = 25
ERASED_IN_MS = 90 * 86_400_000


def run(functions: Path) -> None:
    """Counts the calls of a sweep in which nothing is due, with more and more finished orders in the table."""
    ours = {name: Subject(name, (str(functions / f"{name.title()}Function" / "bootstrap"),)) for name in subjects.OURS}
    LOCAL.mkdir(parents=True, exist_ok=True)
    papers = certificates.make(LOCAL / "certificates")
    driver = Driver(subjects.driver(), papers)
    try:
        with scene(driver.capture, functions) as place:
            world = World(driver, place, Events(place), papers, ours)
            finished = _finished(world)
            unit = Single(world, "reconcile", lambda _: world.events.plain("reconcile/schedule"), None, writes=True)
            unit.fresh()
            there = 0
            for wanted in FINISHED:
                _put(world, unit.table, finished, wanted - there)
                there = wanted
                bulk.keep(bulk.GROWTH, f"{wanted:,}", _swept(unit))
    finally:
        driver.end()


def _finished(world: World) -> list[dict[str, Any]]:
    """The items of an order whose journey is over."""
    journey = Journey(world)
    journey.fresh()
    journey.start(None)
    journey.step()
    journey.stop()
    items = world.scene.aws("dynamodb").scan(TableName=journey.table)["Items"]
    return [item for item in items if item["sk"]["S"].startswith(("ORDER#", "INVITATION#"))]


def _put(world: World, table: str, finished: list[dict[str, Any]], count: int) -> None:
    """Puts so many copies of it into a table."""
    dynamodb = world.scene.aws("dynamodb")
    started = spoke = time.monotonic()
    batch: list[dict[str, Any]] = []
    for number, item in enumerate(_copies(finished, count), 1):
        batch.append({"PutRequest": {"Item": item}})
        if len(batch) == BATCH or number == count * len(finished):
            dynamodb.batch_write_item(RequestItems={table: batch})
            batch = []
        if time.monotonic() - spoke > 8:
            spoke = time.monotonic()
            say(f"  {number} of {count * len(finished)} items, {spoke - started:.0f} s")


def _copies(finished: list[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    erased_at = str(int(time.time() * 1000) + ERASED_IN_MS)
    for _ in range(count):
        who = uuid.uuid4().hex
        for original in finished:
            item = copy.deepcopy(original)
            kind, _, rest = item["sk"]["S"].partition("#")
            item["sk"]["S"] = f"ORDER#{uuid.uuid4()}" if kind == "ORDER" else f"{kind}#{rest.partition('#')[0]}#{who}"
            if "due_at" in item:
                item["due_at"] = {"N": erased_at}
            yield item


def _swept(unit: Single) -> dict[str, int]:
    """The calls of a sweep, by operation."""
    unit.start(None)
    unit.step()
    [(_, call)] = unit.step()
    unit.stop()
    if call.answer["done"] or call.answer["failed"]:
        raise Failed(f"Something was due: {call.answer}")
    operations = [one["what"].rpartition(".")[2] for one in call.calls]
    return {operation: operations.count(operation) for operation in sorted(set(operations))}
