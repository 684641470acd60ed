"""`make soak`: for hours what `make test` does for minutes, ending with pytest's summary."""

from __future__ import annotations

import os

from . import checks, fuzz, lifecycle
from .progress import Failed, run
from .settings import cargo_environment

# A storm that is slower than this, in orders a minute, has failed.
SLOWEST = 60
# Time for the last ones, whatever the number: somebody's claim may have to run out.
TAIL_MINUTES = 5


def soak(histories: int, seconds: int, cases: int, orders: int) -> None:
    """Simulates, fuzzes, tries arbitrary input, and walks orders through a storm on a stack of its own. 0 leaves one of them out."""
    if min(histories, seconds, cases, orders) < 0:
        raise Failed("HISTORIES, SECONDS, CASES and ORDERS must not be negative.")
    if histories:
        simulate(histories)
    if seconds:
        fuzz.fuzz(seconds)
    if cases:
        arbitrary(cases)
    if orders:
        storm(orders)


def simulate(histories: int) -> None:
    """Histories under the simulator. A failing one is printed with the command that replays it."""
    env = {key: value for key, value in cargo_environment().items() if key != "CARGO_BUILD_TARGET"}
    run(f"{histories} simulated histories",
        ["cargo", "run", "--quiet", "--locked", "--release", "--package", "simulation", "--bin", "simulate", "--",
         "--histories", str(histories), "--progress"], env, show=True)


def arbitrary(cases: int) -> None:
    """Every test of what is made of arbitrary input, with so many cases instead of the usual 256."""
    run(f"Arbitrary input, {cases} cases each", checks.test_command("-E", "test(/(^|::)any_/)"),
        {**cargo_environment(), "PROPTEST_CASES": str(cases)}, show=True)


def storm(orders: int) -> None:
    """The storm of the chaos tests with so many orders."""
    for name, value in checks.SHORT_WAITS.items():
        os.environ.setdefault(name, value)
    with lifecycle.temporary(f"soak-{os.getpid()}") as stack:
        checks.storm(stack, orders, orders / SLOWEST + TAIL_MINUTES)
