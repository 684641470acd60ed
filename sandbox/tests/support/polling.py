"""Waits for what should happen soon, never for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Generous: on a slow machine a wait takes longer, and the test still passes. Some need more than the 90 s for which an order is
# claimed: what somebody is at, or has died at, nobody else goes on with before.
PATIENCE = 240.0
# Between two looks.
PAUSE = 0.3


def eventually(look: Callable[[], T], until: Callable[[T], bool] = bool, within: float = PATIENCE, pause: float = PAUSE,
               meanwhile: Callable[[], object] | None = None) -> T:
    """Looks again and again until what is seen is as wanted, and returns it. `meanwhile` is done between two looks."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if until(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"after {within:.0f} s it is still {seen!r}")
        if meanwhile is not None:
            meanwhile()
        time.sleep(pause)
