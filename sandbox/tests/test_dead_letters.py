"""A message that can never be read ends in the dead-letter queue, while its neighbours are worked on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.polling import eventually
from support.world import Scene, World

# The attribute that these tests shorten for a moment is what another one looks at.
pytestmark = pytest.mark.xdist_group("queue attributes")


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
    _, assessment, key = invitation["sk"].split("#")
    good = json.dumps({"company": scene.company.name, "assessment": int(assessment), "candidate": key})
    # Due now: the message in the middle of the unreadable ones sends the invitation.
    scene.world.ops.sets(invitation, invite_at=0)
    with _impatient(scene.world, "InvitationQueue"):
        scene.world.ops.sends("InvitationQueue", "{", good, "[]")
        scene.invited(candidate)
    scene.company.learns(order)
    assert len(scene.account.candidatures(scene.assessment, candidate.email)) == 1


@contextmanager
def _impatient(world: World, queue: str) -> Iterator[None]:
    """Lets failed messages come back after seconds instead of minutes."""
    sqs, url = world.ops.aws("sqs"), world.ops.stack.outputs[f"{queue}Url"]
    usual = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "2"})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=usual)
