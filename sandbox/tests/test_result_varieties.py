"""Row 10, in the forms that TestGorilla's accounts have in the field."""

from __future__ import annotations

from typing import Any

import pytest
from support.naming import label
from support.world import Scene, World


def test_an_assessment_of_personality_tests_alone_has_no_score_and_says_so(world: World) -> None:
    scene = world.scene(tests=("16 types", "Big 5"), algorithm="16_types")
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), displays={"16 types": "INTJ", "Big 5": "2-1-1-2-1"})
    result = scene.company.shows(order, "COMPLETED")["result"]
    assert "score" not in result
    assert "No overall score: none of the tests gives one." in result["summary"]
    assert [(test["name"], test["scoreLabel"], "score" in test) for test in result["assessmentResults"]] == [
        ("16 types", "INTJ", False), ("Big 5", "2-1-1-2-1", False)]


def test_an_average_goes_before_a_percentile(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), scores={"Python": 70, "Communication": 70}, percentile=88)
    result = scene.company.shows(order, "COMPLETED")["result"]
    assert result["score"]["raw"] == 70
    assert "The overall score is TestGorilla's average: 70 of 100." in result["summary"]


def test_a_percentile_is_named_where_there_is_no_average(world: World) -> None:
    scene = world.scene(tests=("16 types",), algorithm="16_types")
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), displays={"16 types": "INTJ"}, percentile=88)
    result = scene.company.shows(order, "COMPLETED")["result"]
    assert result["score"]["raw"] == 88
    assert "The overall score is TestGorilla's percentile: 88 of 100." in result["summary"]


@pytest.mark.parametrize("variety", [
    {"flags": "string"},
    {"average_name": "avg_score"},
    {"average_name": "average_score"},
    {"invite_status": 200},
    {"invitation_link": False},
    {"utc_offset_hours": -11},
    {"utc_offset_hours": 14},
    {"flags": "string", "average_name": "average_score", "pdf": "base64", "invite_status": 200,
     "invitation_link": False, "utc_offset_hours": 5},
], ids=label)
def test_every_form_is_read_alike(world: World, variety: dict[str, Any]) -> None:
    company, account = world.company(), world.account()
    account.change(variety=variety)
    company.connects(account.enables_the_integration())
    scene = Scene(world, company, account, account.creates())
    company.sees(scene.assessment)
    candidate, order = scene.orders()
    flags = {"is_camera_enabled": False, "is_exited_full_screen": False, "is_left_screen": True, "repeated_ip": True}
    scene.account.takes(scene.invited(candidate), scores={"Python": 40, "Communication": 60}, flags=flags)
    seen = company.shows(order, "COMPLETED")
    assert seen["result"]["score"]["raw"] == 50
    assert ("Webcam enabled? No. Full-screen mode always active? Yes. Mouse always in assessment window? No. "
            "Filled out only once from IP address? No.") in seen["result"]["summary"]
    assert len(seen["attachments"]) == 1


def test_flags_that_the_account_does_not_have_are_not_invented(scene: Scene) -> None:
    candidate, order = scene.orders()
    flags = {"is_camera_enabled": None, "is_exited_full_screen": None, "is_left_screen": None, "repeated_ip": None}
    scene.account.takes(scene.invited(candidate), flags=flags)
    summary = scene.company.shows(order, "COMPLETED")["result"]["summary"]
    assert "Anti-cheating" not in summary
