"""Row 8: the candidate receives the invitation within time, never before the delay and never twice."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta

from support.polling import eventually
from support.world import Scene


def test_the_invitation_comes_from_testgorilla_and_never_before_the_delay(scene: Scene) -> None:
    delay = timedelta(seconds=int(scene.world.ops.variable("INVITATION_DELAY_SECONDS")))
    assert delay > timedelta()
    candidate, order = scene.orders()
    mail = scene.arrives(candidate)
    ordered = scene.company.order(order)["deliveries"][0]["sent_at"]
    assert datetime.fromisoformat(mail["sent_at"]) - datetime.fromisoformat(ordered) >= delay
    [candidature] = scene.account.candidatures(scene.assessment, candidate.email)
    assert (candidature["first_name"], candidature["last_name"]) == (candidate.first_name, candidate.last_name)


def test_a_message_that_comes_early_sends_nothing_early(scene: Scene) -> None:
    delay = timedelta(seconds=int(scene.world.ops.variable("INVITATION_DELAY_SECONDS")))
    candidate, order = scene.orders()
    scene.wakes()
    scene.world.ops.reconciles()
    mail = scene.arrives(candidate)
    ordered = scene.company.order(order)["deliveries"][0]["sent_at"]
    assert datetime.fromisoformat(mail["sent_at"]) - datetime.fromisoformat(ordered) >= delay


def test_a_message_that_is_delivered_again_sends_nothing_again(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.invited(candidate)
    scene.company.learns(order)
    scene.wakes(times=5)
    # A later order shows that the queue has been worked on meanwhile.
    later, _ = scene.orders()
    scene.invited(later)
    scene.arrives(candidate)
    assert len(scene.account.candidatures(scene.assessment, candidate.email)) == 1


def test_many_copies_of_a_message_at_once_send_one_invitation(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.world.ops.sets(scene.world.ops.invitations(scene.company.name)[0], invite_at=0)
    for _ in range(3):
        scene.wakes(times=10)
    scene.invited(candidate)
    scene.company.learns(order)
    assert len([call for call in scene.account.calls("inviteCandidate") if call["status"] in (200, 201)]) == 1


def test_an_invitation_whose_message_was_lost_is_sent_by_the_reconciliation(scene: Scene) -> None:
    candidate, _ = scene.orders_for_later()
    # As after a crash: somebody has claimed it and does not come back, and no message is left that would wake it.
    [invitation] = scene.world.ops.invitations(scene.company.name)
    assert scene.world.ops.sets(invitation, invite_at=0, claimed_until=int(time.time() * 1000) + 600_000)
    scene.wakes()
    eventually(lambda: _received(scene))
    assert not scene.account.mails(candidate.email)
    scene.world.ops.sets(scene.world.ops.invitations(scene.company.name)[0], claimed_until=0, due_at=0)
    scene.world.ops.reconciles()
    scene.arrives(candidate)


def _received(scene: Scene) -> bool:
    """Whether the invitation function has come by and left the claimed invitation alone."""
    logs = scene.world.ops.aws("logs")
    group = f"/aws/lambda/{scene.world.ops.variable('COMPANY_SECRET_PREFIX').split('/')[0]}/invitations"
    found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{scene.company.name}"')["events"]
    return any(json.loads(event["message"])["event"] == "invitation.left" for event in found)
