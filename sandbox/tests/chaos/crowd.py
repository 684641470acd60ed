"""Many candidates of several companies: they are ordered, they start and finish, with and without callbacks."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botocore.exceptions import ReadTimeoutError
from support.company import Candidate
from support.polling import eventually
from support.world import Scene, World

from .reckoning import Books, Expected

# How the callbacks of a candidate's start and finish fare.
CALLBACKS = ["signed"] * 10 + ["none"] * 6 + ["repeated"] * 2 + ["forged", "stale"]
# Orders on their way at the same time.
AT_ONCE = 8


@dataclass
class Person:
    """A candidate who is ordered an assessment, once or twice."""

    scene: Scene
    candidate: Candidate
    scores: dict[str, int]
    callbacks: list[str]
    is_ordered_twice: bool
    is_redelivered: bool
    orders: list[str] = field(default_factory=list)
    candidature: int | None = None
    # What the candidate has done: nothing, started or finished.
    done: str = ""


@dataclass
class Crowd:
    """Everybody, and what they do."""

    world: World
    scenes: list[Scene]
    people: list[Person]
    # Who may come after them: of each company one at a time.
    _others: Iterator[list[Person]]
    _ordering: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))
    _acting: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))
    _doing: dict[int, Future[None]] = field(default_factory=dict)

    @property
    def pause(self) -> float:
        """Between two looks at everybody, in seconds: the more there are, the longer."""
        return 1.0 + len(self.people) / 500

    def order(self) -> list[Future[int]]:
        """Everyone is ordered the assessment; an order is delivered until it is accepted. Tells how many orders each one has."""
        return self._order(self.people)

    def order_more(self) -> list[Future[int]]:
        """One more of each company comes, and is ordered the assessment."""
        more = next(self._others)
        self.people.extend(more)
        return self._order(more)

    def go_on(self) -> None:
        """Whoever has mail starts, whoever has started finishes. One candidature is one person, whatever companies ordered."""
        mails = {(mail["account"], mail["to"].lower()): int(mail["candidature"])
                 for account in self._accounts() for mail in self.world.testgorilla.get("mailbox", account=account)}
        same: dict[int, list[Person]] = {}
        for person in self.people:
            person.candidature = mails.get((person.scene.account.name, person.candidate.email.lower()))
            if person.candidature is not None and person.done != "finished":
                same.setdefault(person.candidature, []).append(person)
        for candidature, persons in same.items():
            doing = self._doing.get(candidature)
            # The result of what was done: a failure there is a failure here.
            if doing is None or (doing.done() and doing.result() is None):
                self._doing[candidature] = self._acting.submit(_act, persons)

    @contextmanager
    def hastening(self) -> Iterator[None]:
        """Meanwhile whatever waits for another try is tried soon."""
        is_over = threading.Event()

        def hasten() -> None:
            while not is_over.wait(2 * self.pause):
                self.hasten()

        thread = threading.Thread(target=hasten)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def hasten(self) -> None:
        """What has failed, and what no callback told, is due now. The reconciliation may fail as everything may."""
        acted = {person.candidature for person in self.people if person.done}
        now = int(time.time() * 1000)
        for scene in self.scenes:
            self.world.ops.makes_due(scene.company.name, lambda item: _is_open(item, acted, now))
        # A run that is about much takes longer than anybody waits for its answer, and goes on all the same.
        with suppress(ReadTimeoutError):
            self.world.ops.invokes("ReconcileFunction", {})

    def finished(self) -> int:
        """How many candidates have finished."""
        return sum(person.done == "finished" for person in self.people)

    def completed(self) -> int:
        """How many orders are shown as completed."""
        return sum(order["status"] == "COMPLETED" for order in self._orders())

    def expected(self) -> list[Expected]:
        """What must be in the books in the end."""
        return [Expected(order, person.scene.company.name, person.candidate.email, person.candidature, person.scores)
                for person in self.people for order in person.orders]

    def books(self) -> Books:
        """The three books as they are now."""
        ours = {(scene.company.name, item["sk"].removeprefix("ORDER#")): item
                for scene in self.scenes for item in self.world.ops.items(scene.company.name, "ORDER#")}
        return Books(ours, {order["id"]: order for order in self._orders()}, self._at_testgorilla("mailbox"),
                     self._at_testgorilla("candidatures"))

    def _order(self, people: list[Person]) -> list[Future[int]]:
        return [self._ordering.submit(_order, person) for person in people]

    def _accounts(self) -> list[str]:
        return sorted({scene.account.name for scene in self.scenes})

    def _at_testgorilla(self, path: str) -> list[dict[str, Any]]:
        return [one for account in self._accounts() for one in self.world.testgorilla.get(path, account=account)]

    def _orders(self) -> Iterable[dict[str, Any]]:
        for scene in self.scenes:
            yield from self.world.smartrecruiters.get("orders", company=scene.company.name)


def gather(world: World, scenes: list[Scene], number: int, seed: int) -> Crowd:
    """So many people, and who may come after them."""
    others = _in_turns(scenes, random.Random(seed))
    people: list[Person] = []
    while len(people) < number:
        people += next(others)
    return Crowd(world, scenes, people[:number], others)


def _in_turns(scenes: list[Scene], chance: random.Random) -> Iterator[list[Person]]:
    """One of each company at a time, without end. Of the last two, which share an account, some people are the same."""
    for turn in count():
        people = [_person(scene, turn * len(scenes) + place, chance) for place, scene in enumerate(scenes)]
        if turn % 5 == 0:
            people[-1].candidate, people[-1].scores = people[-2].candidate, people[-2].scores
        yield people


def _person(scene: Scene, index: int, chance: random.Random) -> Person:
    # 101 times 101 pairs of scores: no two of ten thousand people have the same.
    scores = {"Python": index % 101, "Communication": index // 101 % 101}
    return Person(scene, scene.company.candidate(), scores, chance.sample(CALLBACKS, 2), is_ordered_twice=chance.random() < 0.05,
                  is_redelivered=chance.random() < 0.1)


def _order(person: Person) -> int:
    """Orders, and orders again where the person is ordered twice; delivers each until it is accepted."""
    for again in [False, True][: 1 + person.is_ordered_twice]:
        company = person.scene.company
        ordered = company.orders(person.scene.assessment, person.candidate, again=again)
        person.orders.append(ordered.id)
        if not _is_accepted(ordered.status):
            eventually(lambda order=ordered.id: company.redelivers(order), until=_is_accepted)
        if person.is_redelivered:
            company.redelivers(ordered.id)
    return len(person.orders)


def _is_accepted(status: int | None) -> bool:
    """Whether an order was accepted; a refusal for good is a failure of the test."""
    assert status is None or status < 300 or status >= 500, status
    return status in (200, 202)


def _act(persons: list[Person]) -> None:
    """The candidate starts, or finishes."""
    one = persons[0]
    assert one.candidature is not None
    account = one.scene.account
    if not one.done:
        account.starts(one.candidature, one.callbacks[0])
        done = "started"
    else:
        account.completes(one.candidature, one.callbacks[1], scores=one.scores)
        done = "finished"
    for person in persons:
        person.done = done


def _is_open(item: dict[str, Any], acted: set[int | None], now: int) -> bool:
    """Whether an invitation waits for another try: neither for its candidate, nor for the end of somebody's claim on it."""
    is_waiting = item.get("failures", 0) > 0 or item.get("candidature") in acted or item.get("state") == "scheduled"
    return bool(is_waiting and item.get("claimed_until", 0) < now)
