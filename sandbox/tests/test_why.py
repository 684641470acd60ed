"""Row 13: "Why is my assessment not showing up?" has an answer that ops can look up."""

from __future__ import annotations

from datetime import datetime, timedelta, UTC

from support.polling import eventually
from support.world import Scene, World


def test_it_is_offered(scene: Scene) -> None:
    _is_told(scene, scene.assessment, "offered")


def test_it_was_created_before_enabling(world: World) -> None:
    company, account = world.company(), world.account()
    early = account.creates()
    company.connects(account.enables_the_integration())
    answer = world.ops.asks_why(company.name, early)
    assert answer["reason"] == "created_before_enabling"
    assert answer["testgorilla"]["created_at"] < answer["enabled_at"]


def test_it_is_archived(world: World) -> None:
    company, account = world.connected()
    assert world.ops.asks_why(company.name, account.creates(archived=True))["reason"] == "archived"


def test_it_was_archived_after_it_had_been_offered(scene: Scene) -> None:
    scene.account.archives(scene.assessment)
    eventually(lambda: scene.company.packages(), until=lambda offered: scene.assessment not in offered, pause=1.0)
    _is_told(scene, scene.assessment, "archived")


def test_it_is_empty(world: World) -> None:
    company, account = world.connected()
    assert world.ops.asks_why(company.name, account.creates(tests=()))["reason"] == "empty"


def test_it_is_past_its_date(world: World) -> None:
    company, account = world.connected()
    over = account.creates(expires=datetime.now(UTC) - timedelta(days=1))
    company.sees(account.creates())
    assert world.ops.asks_why(company.name, over)["reason"] == "expired"


def test_it_is_new_and_listed_after_the_next_refresh(scene: Scene) -> None:
    # A refresh that the listing asked for may still be on its way: it sees the first of these, and there is no other.
    eventually(lambda: scene.world.ops.asks_why(scene.company.name, scene.account.creates())["reason"],
               until=lambda reason: reason == "not_refreshed_yet")


def test_there_is_no_such_assessment(scene: Scene) -> None:
    _is_told(scene, "999999999", "unknown")


def test_the_key_was_revoked(scene: Scene) -> None:
    scene.account.disables_the_integration(callback="none")
    _is_told(scene, scene.assessment, "key_refused")


def test_testgorilla_cannot_be_reached(scene: Scene) -> None:
    scene.account.misbehaves("listAssessments", "status", count=20, status=500)
    _is_told(scene, "999999999", "testgorilla_unreachable")
    _is_told(scene, scene.assessment, "offered")


def test_the_company_was_never_connected(world: World) -> None:
    assert world.ops.asks_why(world.company().name, "1")["reason"] == "not_connected"


def test_the_company_was_disconnected(scene: Scene) -> None:
    scene.company.disconnects()
    _is_told(scene, scene.assessment, "integration_ended")


def test_a_question_that_makes_no_sense_fails_and_says_how_to_ask(world: World) -> None:
    answer, failed = world.ops.invokes("ReconcileFunction", {"why": {"company": 5}})
    assert failed
    assert "assessment" in answer["errorMessage"]


def _is_told(scene: Scene, assessment: str, reason: str) -> None:
    answer = scene.world.ops.asks_why(scene.company.name, assessment)
    assert answer["reason"] == reason, answer
    assert answer["sentence"].endswith(".")
