"""Everything that goes wrong at once, chosen by a seed: AWS, both partners, and processes that are killed."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from support.control import Control
from support.world import World

from .killing import Moment, kill

SEED = 20260103

PARTNER: list[dict[str, Any]] = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "after_effect": True},
    {"kind": "rate_limited", "retry_after": 1},
    {"kind": "cut_before"},
    {"kind": "cut_after"},
    {"kind": "slow", "delay_ms": 500},
]
AWS: list[dict[str, Any]] = [
    {"operation": "dynamodb:PutItem", "kind": "conflict"},
    {"operation": "dynamodb:TransactWriteItems", "kind": "conflict"},
    {"kind": "throttled"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "after_effect": True},
    {"kind": "cut_before"},
    {"kind": "cut_after"},
    {"kind": "slow", "delay_ms": 300},
]
# One call in so many goes wrong in each of the ways above. The SDK tries three times, so AWS has to fail oftener.
PARTNER_ONE_IN = 50
AWS_ONE_IN = 40


@dataclass
class Storm:
    """The faults of one run, and what was met of them."""

    world: World
    moments: list[Moment]
    # How often a process is killed at each of the moments.
    kills: int
    killed: Counter[str] = field(default_factory=Counter)
    # What was met before this run.
    _before: dict[str, Counter[str]] = field(default_factory=dict)
    _calm: threading.Event = field(default_factory=threading.Event)
    _killer: threading.Thread | None = None

    @property
    def places(self) -> dict[str, tuple[Control, list[dict[str, Any]], int]]:
        """Who misbehaves, how, and how often."""
        return {
            "AWS": (proxy(self.world), AWS, AWS_ONE_IN),
            "TestGorilla": (self.world.testgorilla, PARTNER, PARTNER_ONE_IN),
            "SmartRecruiters": (self.world.smartrecruiters, PARTNER, PARTNER_ONE_IN),
        }

    def breaks(self) -> None:
        """From now on everything may go wrong, and processes are killed one after the other."""
        self._before = self._counted()
        for control, kinds, one_in in self.places.values():
            for number, kind in enumerate(kinds):
                control.post("faults", {"operation": "*", "one_in": one_in, "seed": SEED + number, **kind})
        self._killer = threading.Thread(target=self._kill_on)
        self._killer.start()

    def ends(self) -> None:
        """From now on everything goes right."""
        self._calm.set()
        if self._killer is not None:
            self._killer.join()
        for control, _, _ in self.places.values():
            control.delete("faults", None)

    def met(self) -> dict[str, Counter[str]]:
        """How often each kind was met, by place; killed processes by their call."""
        met = {place: counts - self._before[place] for place, counts in self._counted().items()}
        return {**met, "killed": self.killed}

    def missed(self) -> list[str]:
        """Kinds that were asked for and never met."""
        met = self.met()
        kinds = {place: {_name(kind) for kind in kinds} for place, (_, kinds, _) in self.places.items()}
        wanted = {**kinds, "killed": {_moment(moment) for moment in self.moments}}
        return [f"{place}: {kind}" for place, kinds in wanted.items() for kind in sorted(kinds) if not met[place][kind]]

    def _counted(self) -> dict[str, Counter[str]]:
        """What was met since the stack came up."""
        counted = {place: Counter[str]() for place in self.places}
        for place, (control, _, _) in self.places.items():
            for one in control.get("faults/met"):
                counted[place][one["kind"]] += one["count"]
        return counted

    def _kill_on(self) -> None:
        """Kills in the midst of each kind of call, in turns, as often as is wanted of each."""
        for moment in cycle(self.moments):
            if self._calm.is_set() or all(self.killed[_moment(one)] >= self.kills for one in self.moments):
                return
            if self.killed[_moment(moment)] < self.kills and kill(self.world.ops.stack, moment):
                self.killed[_moment(moment)] += 1


def proxy(world: World) -> Control:
    """The proxy between the functions and AWS."""
    return Control(world.ops.stack.proxy_url)


def _name(kind: dict[str, Any]) -> str:
    return f"{kind['kind']}_after_effect" if kind.get("after_effect") else str(kind["kind"])


def _moment(moment: Moment) -> str:
    return f"{'after' if moment.after_effect else 'before'} {moment.operation}"
