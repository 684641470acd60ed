"""A message that can never succeed ends in the dead-letter queue. Its order stays due and visible, its neighbours are worked on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.control import Control
from support.polling import eventually
from support.turns import alone
from support.world import Scene, World

# The attribute that these tests shorten for a moment is what another one looks at.


@pytest.mark.parametrize("name", ["Invitation", "Result"])
def test_a_message_that_can_never_be_read_ends_in_the_dead_letter_queue(world: World, name: str) -> None:
    unreadable = [f"no message {uuid.uuid4()}", json.dumps({"work": "unknown", "mark": str(uuid.uuid4())})]
    with _impatient(world, f"{name}Queue"):
        world.ops.sends(f"{name}Queue", *unreadable)
        dead = eventually(lambda: set(world.ops.messages(f"{name}DeadLetterQueue")), until=set(unreadable).issubset)
    assert set(unreadable) <= dead


def test_its_neighbours_are_worked_on(scene: Scene) -> None:
    candidate, order = scene.orders()
    [invitation] = scene.world.ops.invitations(scene.company.name)
    good = scene.message()
    # Due now: the message in the middle of the unreadable ones sends the invitation.
    scene.world.ops.sets(invitation, invite_at=0)
    with _impatient(scene.world, "InvitationQueue"):
        scene.world.ops.sends("InvitationQueue", "{", good, "[]")
        scene.invited(candidate)
    scene.company.learns(order)
    assert len(scene.account.candidatures(scene.assessment, candidate.email)) == 1


def test_an_order_whose_message_has_died_is_still_due_and_visible(world: World) -> None:
    dead, neighbour = world.scene(), world.scene()
    with _unreadable(world, dead):
        (candidate, order), (other, another) = dead.orders(), neighbour.orders()
        [invitation] = world.ops.invitations(dead.company.name)
        bodies = [scene.message() for scene in (dead, neighbour)]
        with _impatient(world, "InvitationQueue"):
            world.ops.sends("InvitationQueue", *bodies)
            eventually(lambda: bodies[0] in world.ops.messages("InvitationDeadLetterQueue"))
        neighbour.invited(other)
        neighbour.company.learns(another)
        assert bodies[1] not in world.ops.messages("InvitationDeadLetterQueue")
        assert world.ops.invitations(dead.company.name) == [invitation], "nothing has touched it"
        assert "due_at" in invitation and dead.company.order(order)["status"] == "PENDING"
        assert not dead.account.mails(candidate.email)
    world.ops.messages("InvitationDeadLetterQueue", without=bodies[0])
    dead.invited(candidate, meanwhile=dead.hasten)
    dead.company.learns(order)


@contextmanager
def _unreadable(world: World, scene: Scene) -> Iterator[None]:
    """Functions that send invitations can read nothing of the company: its messages fail whenever they are delivered."""
    proxy = Control(world.ops.stack.proxy_url)
    functions = [world.ops.functions[name] for name in ("InvitationsFunction", "ReconcileFunction")]
    for function in functions:
        proxy.post("faults", {"operation": "*", "function": function, "about": f'"COMPANY#{scene.company.name}"',
                              "one_in": 1, "kind": "status", "status": 500})
    try:
        yield
    finally:
        for function in functions:
            proxy.delete(f"faults?function={function}", None)


@contextmanager
def _impatient(world: World, queue: str) -> Iterator[None]:
    """Lets failed messages come back after seconds instead of minutes.

    Not after fewer: other tests' messages are in the queue too, and come twice where a function takes longer.
    """
    sqs, url = world.ops.aws("sqs"), world.ops.stack.outputs[f"{queue}Url"]
    with alone(world.ops.stack, queue):
        usual = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "6"})
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=usual)
