"""The measuring: cold starts and warm calls, everything interleaved."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from stack.progress import say

from .driver import Call
from .figures import Figures
from .subjects import SHARES
from .units import Journey, Unit

# Lanes at a time: a function with a share of the processor leaves the most of it to others.
WORKERS = {"full": 1, "256": 2, "128": 3}
# Calls of one unit in a row, before others have their turn.
CHUNK = 50
# The first calls after a start are not warm.
WARMING = 20
SILENCE_SECONDS = 8.0
SETTLING_SECONDS = 0.1


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    colds: int
    warms: int
    # A journey makes two calls of most functions.
    journeys: int


FULL = Plan(colds=15, warms=2000, journeys=1000)
QUICK = Plan(colds=3, warms=100, journeys=30)


class Progress:
    """A line every few seconds."""

    def __init__(self, title: str, steps: int) -> None:
        self._title, self._steps, self._done = title, steps, 0
        self._started = self._spoke = time.monotonic()
        self._lock = threading.Lock()

    def __call__(self, steps: int) -> None:
        with self._lock:
            self._done += steps
            now = time.monotonic()
            if now - self._spoke > SILENCE_SECONDS or self._done == self._steps:
                self._spoke = now
                say(f"  {self._title}: {self._done} of {self._steps}, {now - self._started:.0f} s")


def cold(units: list[Unit], plan: Plan, figures: Figures) -> None:
    """Cold starts: every unit at every share in each round, so that what changes meanwhile changes for all."""
    progress = Progress("cold starts", plan.colds * len(SHARES) * len(units))
    for _ in range(plan.colds):
        for share, quota in SHARES.items():
            for unit in units:
                for function, init in unit.start(quota).items():
                    figures.init(function, init)
                firsts: dict[str, Call] = {}
                for name, call in unit.step():
                    firsts.setdefault("results" if name.startswith("results") else name, call)
                for name, call in firsts.items():
                    figures.call(name, "first", share, call)
                unit.stop()
                # What the system still does for a process that has ended is not the next one's.
                time.sleep(SETTLING_SECONDS)
                progress(1)


def warm(units: list[Unit], plan: Plan, figures: Figures) -> None:
    """Warm calls, one share after the other; at one share everything in turns."""
    for share, quota in SHARES.items():
        remaining = {unit: plan.journeys if isinstance(unit, Journey) else plan.warms for unit in units}
        progress = Progress(f"warm calls, {'the whole processor' if quota is None else f'{share} MB'}", sum(remaining.values()))
        for unit in units:
            unit.fresh()
            unit.start(None)
            for _ in range(WARMING - 1):
                unit.step()
            figures.keep(unit.step(bodies=True))
            for lane in unit.lanes.values():
                lane.share(quota)

        def chunk(unit: Unit, steps: int, share: str = share, progress: Progress = progress) -> None:
            for _ in range(steps):
                for name, call in unit.step():
                    figures.call(name, "warm", share, call)
            progress(steps)

        _in_turns(remaining, chunk, WORKERS[share])
        for unit in units:
            for function, kib in unit.stop().items():
                figures.peak(function, kib)


def _in_turns(remaining: dict[Unit, int], chunk: Callable[[Unit, int], None], workers: int) -> None:
    """Whoever is free takes the unit that has had the fewest turns and is not at work."""
    turns = dict.fromkeys(remaining, 0)
    busy: set[Unit] = set()
    failures: list[BaseException] = []
    changed = threading.Condition()

    def take() -> tuple[Unit, int] | None:
        with changed:
            while not failures:
                open_units = [unit for unit, left in remaining.items() if left > 0]
                free = [unit for unit in open_units if unit not in busy]
                if not open_units:
                    return None
                if free:
                    unit = min(free, key=lambda one: turns[one])
                    steps = min(CHUNK, remaining[unit])
                    turns[unit] += 1
                    remaining[unit] -= steps
                    busy.add(unit)
                    return unit, steps
                if not busy:
                    return None
                changed.wait(0.5)
            return None

    def work() -> None:
        while (taken := take()) is not None:
            try:
                chunk(*taken)
            except BaseException as failure:
                failures.append(failure)
            finally:
                with changed:
                    busy.discard(taken[0])
                    changed.notify_all()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
