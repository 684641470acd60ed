"""One run: a crowd in a storm, then calm, then the reckoning."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from support.polling import eventually
from support.world import Scene, World

from .crowd import Crowd, gather
from .killing import Moment
from .reckoning import Reckoning, reckon
from .storm import SEED, Storm, proxy

# Between two lines of progress, in seconds.
REPORT = 10.0
# The storm lasts until so many orders are completed in spite of it.
STORMY = 0.75
# Far above what an account may ask for a minute: limits are another test's matter, and they would set the pace here.
LIMITS = dict.fromkeys(("assessments", "invitations", "results", "candidatures", "candidates", "reports"), 100_000)


@dataclass(frozen=True)
class Outcome:
    """How a run went."""

    reckoning: Reckoning
    storm: Storm
    seconds: float

    def __str__(self) -> str:
        """The summary, in the same words for a few hundred orders and for ten thousand."""
        met = "\n".join(f"  {place}: " + (", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or "nothing")
                        for place, kinds in self.storm.met().items())
        rate = self.reckoning.orders / self.seconds
        return f"{self.reckoning}\n{self.seconds:.0f} s, {rate:.1f} orders a second; faults met:\n{met}"


def run(world: World, number: int, within: float, tell: Callable[[str], None]) -> Outcome:
    """Walks `number` people through a storm and reckons; raises when that takes longer than `within` seconds."""
    began = time.monotonic()
    scenes = companies(world)
    crowd = gather(world, scenes, number, SEED)
    storm = Storm(world, moments(world, scenes), kills=1 + number // 500)
    report = _Report(crowd, tell, began)

    def wait(look: Callable[[], object], meanwhile: Callable[[], object] = lambda: None) -> None:
        eventually(look, within=within - (time.monotonic() - began), pause=crowd.pause,
                   meanwhile=lambda: (crowd.go_on(), report.on(), meanwhile()))

    def order_on() -> None:
        """Some calls are made for new orders alone: what was not met when all are accepted is met with more, or time is over."""
        if all(order.done() for order in orders) and storm.missed():
            orders.extend(crowd.order_more())

    with crowd.hastening():
        storm.breaks()
        try:
            orders = crowd.order()
            wait(lambda: crowd.completed() >= STORMY * number and not storm.missed(), order_on)
        finally:
            storm.ends()
        tell("Calm: what is left is finished.")
        wait(lambda: all(order.done() for order in orders))
        ordered = sum(order.result() for order in orders)
        wait(lambda: crowd.completed() == ordered)
    return Outcome(reckon(crowd.expected(), crowd.books()), storm, time.monotonic() - began)


def companies(world: World) -> list[Scene]:
    """Four connected companies; the last two share an account and its assessment."""
    scenes = [world.scene() for _ in range(3)]
    shared = scenes[-1]
    company = world.company()
    company.connects(shared.account.api_key)
    own = shared.account.creates("Front-end engineer")
    company.sees(own)
    shared.company.sees(own)
    for scene in scenes:
        world.testgorilla.put("limits", {"account": scene.account.name, "limits": LIMITS})
    return [*scenes[:-1], Scene(world, shared.company, shared.account, own), Scene(world, company, shared.account, own)]


def moments(world: World, scenes: list[Scene]) -> list[Moment]:
    """The calls in whose midst processes are killed."""
    aws, functions = proxy(world), world.ops.functions
    account, company = scenes[0].account.name, scenes[0].company.name
    return [
        Moment(aws, "dynamodb:TransactWriteItems", functions["OrdersFunction"], after_effect=False),
        Moment(aws, "dynamodb:TransactWriteItems", functions["OrdersFunction"], after_effect=True),
        Moment(world.testgorilla, "inviteCandidate", account, after_effect=True),
        Moment(aws, "dynamodb:PutItem", functions["InvitationsFunction"], after_effect=False),
        Moment(aws, "dynamodb:PutItem", functions["ResultsFunction"], after_effect=True),
        Moment(world.smartrecruiters, "patchResults", company, after_effect=True),
        Moment(aws, "dynamodb:GetItem", functions["ReconcileFunction"], after_effect=False),
        Moment(aws, "sqs:SendMessage", functions["CallbacksFunction"], after_effect=False),
    ]


class _Report:
    """A line of progress now and then."""

    def __init__(self, crowd: Crowd, tell: Callable[[str], None], began: float) -> None:
        """Begins to count."""
        self.crowd, self.tell, self.began, self.last = crowd, tell, began, 0.0

    def on(self) -> None:
        """Tells how far it is, unless that was told a moment ago."""
        now = time.monotonic()
        if now - self.last < REPORT:
            return
        self.last = now
        crowd, completed = self.crowd, self.crowd.completed()
        accepted = sum(len(person.orders) for person in crowd.people)
        invited = sum(person.candidature is not None for person in crowd.people)
        self.tell(f"{now - self.began:.0f} s: {accepted} ordered, {invited} invited, {crowd.finished()} finished, "
                  f"{completed} completed, {completed / (now - self.began):.1f} a second")
