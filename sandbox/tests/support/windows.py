"""Tries are counted in quarters of an hour: what has to be counted together does not begin at the end of one."""

from __future__ import annotations

import time

# shared/domain/src/tries.rs, WINDOW.
WINDOW = 15 * 60


def within_one_window(seconds: int = 60) -> None:
    """Waits for the next window where less than these seconds are left of this one."""
    left = WINDOW - time.time() % WINDOW
    if left < seconds:
        time.sleep(left + 1)
