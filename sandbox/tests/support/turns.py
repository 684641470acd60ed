"""Taking turns with tests in other processes."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from stack.description import Stack


@contextmanager
def alone(stack: Stack, what: str) -> Iterator[None]:
    """Nobody else does this with the stack meanwhile."""
    with (stack.folder / f"{what}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
