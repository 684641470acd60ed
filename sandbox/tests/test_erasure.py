"""A candidate asks to be erased: the data go at once, results stay, and nobody is invited twice."""

from __future__ import annotations

from support.company import Candidate
from support.polling import eventually
from support.world import Scene


def test_who_has_finished_is_erased_at_once_and_the_result_stays(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), scores={"Python": 10, "Communication": 20})
    scene.company.shows(order, "COMPLETED")
    _erases(scene, candidate)
    assert scene.company.order(order)["result"]["score"]["raw"] == 15
    _, again = scene.orders(candidate, again=True)
    assert scene.company.shows(again, "COMPLETED")["result"]["score"]["raw"] == 15
    scene.arrives(candidate)
    _is_gone(scene, candidate)


def test_a_late_callback_brings_nothing_back_and_the_result_still_comes(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    _erases(scene, candidate)
    scene.account.takes(candidature, scores={"Python": 30, "Communication": 40})
    assert scene.company.shows(order, "COMPLETED")["result"]["score"]["raw"] == 35
    _is_gone(scene, candidate)


def test_who_is_not_invited_yet_is_not_invited_any_more(scene: Scene) -> None:
    scene.account.misbehaves("inviteCandidate", "rate_limited", retry_after=100)
    candidate, order = scene.orders()
    # Asked, and told to wait: nobody is sending it now.
    eventually(lambda: scene.account.calls("inviteCandidate"))
    _erases(scene, candidate)
    shown = scene.company.shows(order, "REJECTED", meanwhile=scene.hasten)
    assert "erased" in shown["result"]["summary"]
    assert not scene.account.mails(candidate.email)


def _erases(scene: Scene, candidate: Candidate) -> None:
    """Ops erase the candidate; not while the invitation is just being sent."""
    other, _ = scene.orders()
    eventually(lambda: scene.world.ops.erases(scene.company.name, email=candidate.email.upper()),
               until=lambda erasure: erasure == {"erased": 1, "busy": 0})
    _is_gone(scene, candidate)
    assert other.email in str(scene.world.ops.items(scene.company.name)), "of others, nothing is"


def _is_gone(scene: Scene, candidate: Candidate) -> None:
    """No item of the company names the candidate."""
    items = str(scene.world.ops.items(scene.company.name))
    for datum in (candidate.email, candidate.first_name, candidate.last_name):
        assert datum not in items
