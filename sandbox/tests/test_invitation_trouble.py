"""Row 8, when TestGorilla does not do what it should: nothing is lost, and nobody is invited twice."""

from __future__ import annotations

from typing import Any

import pytest
from support.naming import label
from support.world import Scene

TROUBLES: list[dict[str, Any]] = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502, "after_effect": True},
    {"kind": "cut_before"},
    {"kind": "cut_after"},
    {"kind": "slow", "delay_ms": 7_000},
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=label)
def test_an_invitation_that_went_wrong_is_made_good(scene: Scene, trouble: dict[str, Any]) -> None:
    scene.account.misbehaves("inviteCandidate", **trouble)
    candidate, order = scene.orders()
    candidature = scene.invited(candidate, meanwhile=scene.hasten)
    assert not [fault for fault in scene.account.control.get("faults") if fault["account"] == scene.account.name]
    scene.account.takes(candidature)
    scene.company.shows(order, "COMPLETED")
    scene.arrives(candidate)


def test_a_limit_that_is_reached_delays_and_uses_up_no_attempt(scene: Scene) -> None:
    limits = {"account": scene.account.name, "limits": {"invitations": 2}, "window_seconds": 3}
    scene.account.control.put("limits", limits)
    placed = [scene.orders() for _ in range(6)]
    for candidate, _ in placed:
        scene.invited(candidate)
    for invitation in scene.world.ops.invitations(scene.company.name):
        assert (invitation["state"], invitation["failures"]) == ("sent", 0)


def test_a_limit_without_a_word_about_its_end_delays_too(scene: Scene) -> None:
    scene.account.misbehaves("inviteCandidate", "rate_limited", retry_after=1)
    scene.account.misbehaves("inviteCandidate", "rate_limited", reset=1)
    candidate, _ = scene.orders()
    scene.invited(candidate)


def test_a_candidate_who_was_invited_by_another_way_is_adopted(scene: Scene) -> None:
    candidate = scene.company.candidate()
    by_hand = scene.account.invites_by_hand(scene.assessment, candidate.email.upper())
    _, order = scene.orders(candidate)
    seen = scene.company.learns(order)
    assert seen["status"] == "PENDING"
    [invitation] = scene.world.ops.invitations(scene.company.name)
    assert invitation["candidature"] == by_hand["id"]
    scene.account.takes(by_hand["id"], scores={"Python": 50, "Communication": 51})
    assert scene.company.shows(order, "COMPLETED")["result"]["score"]["raw"] == 51
    scene.arrives(candidate)


def test_a_candidate_who_has_finished_already_is_adopted_with_the_result(scene: Scene) -> None:
    candidate = scene.company.candidate()
    by_hand = scene.account.invites_by_hand(scene.assessment, candidate.email)
    scene.account.takes(by_hand["id"], callback="none", scores={"Python": 80, "Communication": 80})
    _, order = scene.orders(candidate)
    assert scene.company.shows(order, "COMPLETED")["result"]["score"]["raw"] == 80


def test_the_list_of_candidatures_in_trouble_delays_the_adoption(scene: Scene) -> None:
    candidate = scene.company.candidate()
    by_hand = scene.account.invites_by_hand(scene.assessment, candidate.email)
    scene.account.misbehaves("listCandidatures", "status", status=503)
    _, order = scene.orders(candidate)
    scene.company.learns(order, meanwhile=scene.hasten)
    [invitation] = scene.world.ops.invitations(scene.company.name)
    assert invitation["candidature"] == by_hand["id"]


def test_an_address_that_cannot_be_delivered_to_ends_the_order_with_the_reason(scene: Scene) -> None:
    candidate = scene.company.candidate()
    scene.account.change(undeliverable=[candidate.email])
    _, order = scene.orders(candidate)
    seen = scene.company.shows(order, "REJECTED")
    assert "cannot deliver to the candidate's e-mail address" in seen["result"]["summary"]
    assert not scene.account.mails(candidate.email)


def test_an_assessment_that_is_archived_before_the_invitation_ends_the_order_with_the_reason(scene: Scene) -> None:
    candidate, order = scene.orders_for_later()
    scene.account.archives(scene.assessment)
    scene.lets_go()
    seen = scene.company.shows(order, "REJECTED")
    assert "archived" in seen["result"]["summary"]
    assert not scene.account.mails(candidate.email)


def test_a_candidate_whose_address_was_mended_may_be_ordered_again(scene: Scene) -> None:
    candidate = scene.company.candidate()
    scene.account.change(undeliverable=[candidate.email])
    _, rejected = scene.orders(candidate)
    scene.company.shows(rejected, "REJECTED")
    scene.account.change(undeliverable=[])
    _, order = scene.orders(candidate, again=True)
    scene.invited(candidate)
    assert scene.company.learns(order)["status"] == "PENDING"
    assert scene.company.order(rejected)["status"] == "REJECTED"


def test_smartrecruiters_in_trouble_delays_the_look_up_of_an_address(scene: Scene) -> None:
    scene.company.misbehaves("getCandidate", "status", status=500)
    scene.company.misbehaves("getCandidate", "cut_before", count=2)
    candidate, _ = scene.orders(overrides={"candidate": {"email": None}})
    scene.arrives(candidate, meanwhile=scene.hasten)
