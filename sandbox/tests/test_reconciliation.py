"""The scheduled reconciliation finds who started or finished without any callback, and who can no longer finish."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, UTC

import requests
from support.control import SECONDS
from support.polling import eventually
from support.world import Scene


def test_a_candidate_who_starts_is_found_without_any_callback(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.starts(scene.invited(candidate), callback="none")
    scene.company.shows(order, "IN_PROGRESS", meanwhile=scene.hasten)


def test_a_candidate_who_finishes_is_found_without_any_callback(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    scene.account.takes(candidature, callback="none", scores={"Python": 91, "Communication": 92})
    seen = scene.company.shows(order, "COMPLETED", meanwhile=scene.hasten)
    assert seen["result"]["score"]["raw"] == 92
    assert [change["to"] for change in seen["changes"]] == ["COMPLETED"]


def test_two_runs_at_once_publish_once(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    before = scene.company.learns(order)["patches"]
    scene.account.takes(candidature, callback="none")
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _: scene.hasten(), range(4)))
    seen = scene.company.shows(order, "COMPLETED", meanwhile=scene.hasten)
    assert seen["patches"] == before + 1
    assert len(seen["attachments"]) == 1


def test_nothing_due_is_nothing_done(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.invited(candidate)
    told = scene.company.learns(order)["patches"]
    soon = int(time.time() * 1000) + 200_000
    before = eventually(lambda: scene.world.ops.invitations(scene.company.name),
                        until=lambda items: all(item["due_at"] > soon for item in items))
    looks = len(scene.account.calls("getCandidate"))
    scene.world.ops.reconciles()
    assert scene.world.ops.invitations(scene.company.name) == before
    assert (len(scene.account.calls("getCandidate")), scene.company.order(order)["patches"]) == (looks, told)


def test_an_assessment_that_is_archived_before_the_candidate_finishes_ends_the_order_as_expired(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.starts(scene.invited(candidate))
    scene.company.shows(order, "IN_PROGRESS")
    scene.account.archives(scene.assessment)
    seen = scene.company.shows(order, "EXPIRED", meanwhile=scene.hasten)
    assert "archived or is past its date" in seen["result"]["summary"]


def test_an_assessment_past_its_date_before_the_candidate_starts_ends_the_order_as_expired(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.invited(candidate)
    past = datetime.now(UTC) - timedelta(minutes=1)
    scene.account.control.patch(f"assessments/{scene.assessment}", {"date_of_expiry": past.isoformat()})
    scene.company.shows(order, "EXPIRED", meanwhile=scene.hasten)


def test_a_candidate_who_was_removed_in_testgorilla_ends_the_order_as_expired(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    address = f"{scene.world.ops.stack.testgorilla_url}/api/assessments/candidature/{candidature}/"
    deleted = requests.delete(address, headers={"Authorization": f"Token {scene.account.api_key}"}, timeout=SECONDS)
    assert deleted.status_code == 204
    seen = scene.company.shows(order, "EXPIRED", meanwhile=scene.hasten)
    assert "removed from the assessment" in seen["result"]["summary"]


def test_who_has_finished_in_time_keeps_the_result_when_the_assessment_is_archived(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), callback="none")
    scene.account.archives(scene.assessment)
    scene.company.shows(order, "COMPLETED", meanwhile=scene.hasten)


def test_personal_data_is_erased_in_its_time_and_the_candidate_is_still_invited_once(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), scores={"Python": 10, "Communication": 20})
    scene.company.shows(order, "COMPLETED")
    days = int(scene.world.ops.variable("PERSONAL_DATA_DAYS"))
    eventually(lambda: _grows_old(scene, days + 1))
    eventually(lambda: scene.world.ops.reconciles() and scene.world.ops.invitations(scene.company.name)[0],
               until=lambda invitation: "candidate" not in invitation)
    assert candidate.email not in str(scene.world.ops.items(scene.company.name))
    assert candidate.last_name not in str(scene.world.ops.items(scene.company.name))
    _, again = scene.orders(candidate, again=True)
    assert scene.company.shows(again, "COMPLETED")["result"]["score"]["raw"] == 15
    scene.arrives(candidate)


def _grows_old(scene: Scene, days: int) -> bool:
    """Lets days pass for a finished invitation, once all is told; says whether that could be."""
    [invitation] = scene.world.ops.invitations(scene.company.name)
    if invitation["due_at"] - invitation["changed_at"] < 86_400_000:
        return False
    return scene.world.ops.sets(invitation, due_at=0, changed_at=int(invitation["changed_at"]) - days * 86_400_000)
