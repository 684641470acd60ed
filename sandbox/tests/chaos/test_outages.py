"""A partner is away for a while: orders keep being accepted, the listing is served from the copy, and then all is delivered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.control import Control
from support.polling import eventually
from support.world import Scene

PEOPLE = 12
SCORES = {"Python": 40, "Communication": 60}
SCORE = 50
# The longest pause after a first failure, in seconds; each further one doubles it.
FIRST_PAUSE = 30


def test_while_testgorilla_is_away_orders_are_accepted_and_all_are_invited_afterwards(scene: Scene) -> None:
    waiting, finished = scene.orders(), scene.orders()
    scene.account.starts(scene.invited(waiting[0]))
    scene.account.takes(scene.invited(finished[0]), callback="none", scores=SCORES)
    with _away(scene.world.testgorilla):
        placed = [scene.orders() for _ in range(PEOPLE)]
        _have_failed(scene, times=1)
        _is_served(scene)
        scene.hasten()
        pauses = _have_failed(scene, times=2)
        assert not any(scene.account.mails(candidate.email) for candidate, _ in placed)
        assert {scene.company.order(order)["status"] for _, order in placed} == {"PENDING"}
    # Growing, of which some has passed when it is read; and not all at the same time.
    assert all(pause <= FIRST_PAUSE * 2 ** (failures - 1) for failures, pause in pauses), pauses
    assert any(pause > FIRST_PAUSE for _, pause in pauses), pauses
    assert len(set(pauses)) > PEOPLE / 3, "all at once"
    for candidate, _ in placed:
        scene.account.takes(scene.invited(candidate, meanwhile=scene.hasten), scores=SCORES)
    scene.all_completed([*placed, finished], score=SCORE)
    assert scene.company.order(waiting[1])["status"] == "IN_PROGRESS"


def test_while_smartrecruiters_is_away_candidates_are_invited_and_all_results_come_afterwards(scene: Scene) -> None:
    with _away(scene.world.smartrecruiters):
        placed = [scene.orders() for _ in range(PEOPLE)]
        for candidate, _ in placed:
            scene.account.takes(scene.invited(candidate), scores=SCORES)
        _have_failed(scene, times=1)
        _is_served(scene)
        assert {scene.company.order(order)["patches"] for _, order in placed} == {0}
    scene.all_completed(placed, score=SCORE)


@contextmanager
def _away(partner: Control) -> Iterator[None]:
    """Every call of the partner's API fails, half of them without an answer."""
    for fault in ({"one_in": 2, "kind": "status", "status": 503}, {"one_in": 1, "kind": "cut_before"}):
        partner.post("faults", {"operation": "*", "seed": 1, **fault})
    try:
        yield
    finally:
        partner.delete("faults", None)


def _have_failed(scene: Scene, times: int) -> list[tuple[int, float]]:
    """Waits until everybody's work has failed so often; returns how often it has, and how many seconds each waits for its next try."""

    def failed() -> list[dict[str, Any]]:
        return [item for item in scene.world.ops.invitations(scene.company.name)
                if item["failures"] >= times and item["due_at"] > time.time() * 1000]

    items = eventually(failed, until=lambda items: len(items) >= PEOPLE)
    now = time.time()
    return [(int(item["failures"]), round(float(item["due_at"]) / 1000 - now, 1)) for item in items]


def _is_served(scene: Scene) -> None:
    """The listing is served, and another order is accepted: nothing of ours waits for the partner."""
    assert scene.assessment in scene.company.packages()
    scene.orders()
