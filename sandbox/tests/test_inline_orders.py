"""Inline orders: the candidate gets a link at once and no mail; the results come as for any other order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from support.company import Candidate, Ordered
from support.world import Scene


def test_the_candidate_gets_a_link_at_once_and_no_mail(scene: Scene) -> None:
    candidate, ordered = _orders(scene)
    link = ordered.body["url"]
    assert ordered.body == {"url": link, "assessmentPackageURL": link}
    [candidature] = scene.account.candidatures(scene.assessment, candidate.email)
    assert link.endswith(candidature["invitation_uuid"])
    assert not scene.account.mails(candidate.email)


def test_results_come_as_for_any_other_order_without_attached_files(scene: Scene) -> None:
    candidate, ordered = _orders(scene)
    candidature = scene.known(candidate)
    scene.account.starts(candidature)
    scene.company.shows(ordered.id, "IN_PROGRESS")
    scene.account.completes(candidature, scores={"Python": 30, "Communication": 40})
    seen = scene.company.shows(ordered.id, "COMPLETED")
    assert seen["result"]["score"]["raw"] == 35
    assert [attachment["type"] for attachment in seen["result"]["attachments"]] == ["OTHER_URL"]
    assert not scene.company.calls("addAttachment")


def test_the_same_order_delivered_again_gives_the_same_link(scene: Scene) -> None:
    candidate, ordered = _orders(scene)
    for _ in range(2):
        again = scene.company.control.post(f"orders/{ordered.id}/deliveries")
        assert (again["status"], again["body"]) == (200, ordered.body)
    assert len(scene.account.candidatures(scene.assessment, candidate.email)) == 1


def test_two_inline_orders_at_once_give_the_same_link(scene: Scene) -> None:
    candidate = scene.company.candidate()
    with ThreadPoolExecutor(3) as many:
        placed = list(many.map(lambda _: _orders(scene, candidate, again=True)[1], range(3)))
    assert len({ordered.body["url"] for ordered in placed}) == 1
    scene.account.takes(scene.known(candidate))
    for ordered in placed:
        scene.company.shows(ordered.id, "COMPLETED")


def test_a_link_that_the_invitation_does_not_carry_is_looked_up(scene: Scene) -> None:
    scene.account.change(variety={"invitation_link": False})
    candidate, ordered = _orders(scene)
    [candidature] = scene.account.candidatures(scene.assessment, candidate.email)
    assert ordered.body["url"].endswith(candidature["invitation_uuid"])


def test_a_candidate_who_was_mailed_before_gets_that_invitation_s_link(scene: Scene) -> None:
    candidate, _ = scene.orders()
    scene.invited(candidate)
    _, ordered = _orders(scene, candidate, again=True)
    [candidature] = scene.account.candidatures(scene.assessment, candidate.email)
    assert ordered.body["url"].endswith(candidature["invitation_uuid"])
    scene.arrives(candidate)


def test_an_address_that_cannot_be_delivered_to_is_refused(scene: Scene) -> None:
    candidate = scene.company.candidate()
    scene.account.change(undeliverable=[candidate.email])
    _, ordered = _orders(scene, candidate, status=403)
    assert ordered.body["errors"][0]["code"] == "invitation_refused"


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_testgorilla_in_trouble_is_said_and_asking_again_gives_the_link(scene: Scene, kind: str) -> None:
    scene.account.misbehaves("inviteCandidate", kind)
    candidate, ordered = _orders(scene, status=503)
    again = scene.company.control.post(f"orders/{ordered.id}/deliveries")
    assert again["status"] == 200
    [candidature] = scene.account.candidatures(scene.assessment, candidate.email)
    assert again["body"]["url"].endswith(candidature["invitation_uuid"])


def test_what_an_inline_order_needs_is_asked_for(scene: Scene) -> None:
    for missing in ({"completedAssessmentCallbackUrl": None}, {"candidate": {"email": None}}):
        _, ordered = _orders(scene, overrides=missing, status=400)
        assert ordered.body["errors"][0]["code"] in ("request_malformed", "candidate_invalid")


def _orders(scene: Scene, candidate: Candidate | None = None, status: int = 200,
            **options: object) -> tuple[Candidate, Ordered]:
    """A candidate begins an assessment within an application."""
    candidate = candidate or scene.company.candidate()
    ordered = scene.company.orders(scene.assessment, candidate, inline=True, requester=None, **options)
    assert ordered.status == status, ordered
    return candidate, ordered
