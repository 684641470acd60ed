"""Whatever fails, and whenever: no order is lost or doubled, and nobody's result is another's."""

from __future__ import annotations

import os
from collections.abc import Callable

from support.world import World

from .run import run

# `make soak` asks for more of both.
ORDERS = int(os.environ.get("CHAOS_ORDERS", "240"))
MINUTES = float(os.environ.get("CHAOS_MINUTES", "4"))


def test_orders_of_several_companies_come_through_a_storm(world: World, tell: Callable[[str], None]) -> None:
    outcome = run(world, ORDERS, 60 * MINUTES, tell)
    tell(f"{outcome}\n")
    assert outcome.reckoning.is_clean, str(outcome.reckoning)
    assert outcome.reckoning.orders >= ORDERS
    missed = outcome.storm.missed()
    assert not missed, f"never met: {missed}"
