"""Functions are swapped and taken back while orders run: none is lost, none is sent twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.polling import eventually
from support.world import Scene

from stack import deploy, swap
from stack.description import Stack
from stack.settings import build_folder

PEOPLE = 12
SCORES = {"Python": 40, "Communication": 60}
SCORE = 50
# Between two swaps, in seconds.
PAUSE = 0.5
# Far above what an account may ask for a minute: what is hastened asks often.
LIMITS = {"assessments": 1_000, "invitations": 1_000, "results": 1_000, "candidatures": 1_000, "candidates": 1_000}


@pytest.fixture(autouse=True)
def goes_back(stack: Stack) -> Iterator[None]:
    """Whatever a test does, the versions of before are live afterwards."""
    before = {function: swap.live(stack, function) for function in deploy.functions(stack)}
    yield
    for function, version in before.items():
        swap.move(stack, function, version)


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """A company whose account may ask TestGorilla as often as it likes."""
    scene.world.testgorilla.put("limits", {"account": scene.account.name, "limits": LIMITS})
    return scene


def test_functions_are_swapped_back_and_forth_while_orders_run(scene: Scene, stack: Stack, tmp_path: Path) -> None:
    with _swapping(stack, tmp_path) as swaps:
        placed = [scene.orders() for _ in range(PEOPLE)]
        for candidate, _ in placed:
            scene.account.takes(scene.invited(candidate, meanwhile=scene.hasten), scores=SCORES)
        scene.all_completed(placed, score=SCORE)
    assert len(swaps) >= 3, "nothing was swapped meanwhile"


@pytest.mark.parametrize("function", ["InvitationsFunction", "ResultsFunction"])
def test_a_version_that_does_not_start_is_taken_back_and_nothing_is_lost(
    scene: Scene, stack: Stack, tmp_path: Path, function: str
) -> None:
    early = scene.orders()
    candidature = scene.invited(early[0])
    before = swap.live(stack, function)
    swap.swap(stack, function, _broken(tmp_path))
    placed = [early, *(scene.orders() for _ in range(3))]
    scene.account.takes(candidature, scores=SCORES)
    eventually(lambda: _failed(scene, function))
    swap.move(stack, function, before)
    for candidate, _ in placed[1:]:
        scene.account.takes(scene.invited(candidate, meanwhile=scene.hasten), scores=SCORES)
    scene.all_completed(placed, score=SCORE)


def test_an_order_that_a_broken_version_refused_is_taken_when_it_comes_again(
    scene: Scene, stack: Stack, tmp_path: Path
) -> None:
    before = swap.live(stack, "OrdersFunction")
    swap.swap(stack, "OrdersFunction", _broken(tmp_path))
    candidate = scene.company.candidate()
    refused = scene.company.orders(scene.assessment, candidate)
    assert refused.status is None or refused.status >= 500
    swap.move(stack, "OrdersFunction", before)
    assert scene.company.redelivers(refused.id) == 202
    scene.account.takes(scene.invited(candidate), scores=SCORES)
    scene.company.shows(refused.id, "COMPLETED")


def _broken(folder: Path) -> Path:
    """A version that ends before it has started."""
    path = folder / "broken"
    path.write_text("#!/bin/sh\nexit 1\n")
    return path


@contextmanager
def _swapping(stack: Stack, folder: Path) -> Iterator[list[str]]:
    """All functions go to another version and back again, over and over. Yields a list that has a line for each time."""
    first = {function: swap.live(stack, function) for function in deploy.functions(stack)}
    second = {function: swap.swap(stack, function, _another(stack, function, folder)) for function in first}
    swaps: list[str] = []
    done = threading.Event()

    def swapping() -> None:
        while not done.wait(PAUSE):
            versions = first if len(swaps) % 2 else second
            for function, version in versions.items():
                swap.move(stack, function, version)
            swaps.append("back" if versions is first else "forth")

    thread = threading.Thread(target=swapping)
    thread.start()
    try:
        yield swaps
    finally:
        done.set()
        thread.join()


def _another(stack: Stack, function: str, folder: Path) -> Path:
    """The same program as another file: what follows an ELF file's end is not looked at."""
    path = folder / function
    path.write_bytes((build_folder(stack.name) / function / "bootstrap").read_bytes() + b"\0another version")
    return path


def _failed(scene: Scene, function: str) -> bool:
    """Whether the function has failed on a message, which is hidden until it is tried again."""
    queue = {"InvitationsFunction": "InvitationQueue", "ResultsFunction": "ResultQueue"}[function]
    attributes = scene.world.ops.aws("sqs").get_queue_attributes(
        QueueUrl=scene.world.ops.stack.outputs[f"{queue}Url"], AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
    return int(attributes["Attributes"]["ApproximateNumberOfMessagesNotVisible"]) > 0
