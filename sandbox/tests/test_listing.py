"""Row 4: SmartRecruiters lists the account's assessments as packages."""

from __future__ import annotations

from datetime import datetime, timedelta, UTC
from typing import Any

import pytest
from support.polling import eventually
from support.world import Scene, World


def test_an_assessment_created_after_the_integration_was_enabled_is_offered(scene: Scene) -> None:
    offered = scene.company.packages()[scene.assessment]
    assert offered["name"] == "Back-end engineer"
    assert offered["type"] == "SKILL_TEST"
    assert "2 tests, 20 minutes" in offered["description"]
    assert [(test["name"], test["type"]) for test in offered["assessments"]] == [
        ("Python", "SKILL_TEST"), ("Communication", "SKILL_TEST")]


def test_one_package_is_the_same_as_in_the_list(scene: Scene) -> None:
    one = scene.company.package(scene.assessment)
    assert one["status"] == 200
    assert one["body"] == scene.company.packages()[scene.assessment]


def test_an_assessment_created_before_the_integration_was_enabled_is_not_recognised(world: World) -> None:
    company, account = world.company(), world.account()
    before = account.creates("Too early")
    company.connects(account.enables_the_integration())
    after = account.creates("In time")
    assert before not in company.sees(after)
    assert company.package(before)["status"] == 404


def test_archived_and_empty_assessments_and_those_past_their_date_are_not_offered(world: World) -> None:
    company, account = world.connected()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    withheld = {account.creates("Archived", archived=True), account.creates("Empty", tests=()),
                account.creates("Over", expires=yesterday)}
    offered = account.creates("Offered")
    assert not withheld & set(company.sees(offered))
    for package in withheld:
        assert company.package(package)["status"] == 404


def test_an_assessment_that_is_archived_later_is_no_longer_offered(scene: Scene) -> None:
    scene.account.archives(scene.assessment)
    eventually(scene.company.packages, until=lambda offered: scene.assessment not in offered, pause=1.0)


def test_an_assessment_that_is_changed_is_offered_as_it_is_now(scene: Scene) -> None:
    scene.account.control.patch(f"assessments/{scene.assessment}",
                                {"name": "Platform engineer", "tests": [{"name": "Rust", "duration": 60}]})

    def is_new(offered: dict[str, Any]) -> bool:
        package = offered[scene.assessment]
        return package["name"] == "Platform engineer" and [test["name"] for test in package["assessments"]] == ["Rust"]

    eventually(scene.company.packages, until=is_new, pause=1.0)


def test_with_nothing_to_offer_the_list_is_empty(world: World) -> None:
    company, _ = world.connected()
    assert company.lists()["status"] == 204


def test_a_company_sees_its_own_account_alone(scene: Scene) -> None:
    other = scene.world.scene()
    assert scene.assessment not in other.company.packages()
    assert other.company.package(scene.assessment)["status"] == 404


@pytest.mark.parametrize("trouble", [{"kind": "status", "status": 500}, {"kind": "cut_before"}, {"kind": "cut_after"},
                                     {"kind": "rate_limited", "reset": 1}])
def test_while_testgorilla_is_in_trouble_the_stored_copy_is_served(scene: Scene, trouble: dict[str, Any]) -> None:
    before = len(scene.account.calls("listAssessments"))
    scene.account.misbehaves("listAssessments", count=4, **trouble)
    eventually(lambda: (scene.company.packages(), scene.account.calls("listAssessments")),
               until=lambda seen: scene.assessment in seen[0] and len(seen[1]) > before, pause=1.0)
    assert scene.assessment in scene.company.packages()


def test_listing_never_waits_for_testgorilla(scene: Scene) -> None:
    scene.account.misbehaves("listAssessments", "slow", count=20, delay_ms=4_000)

    def unanswered() -> set[int]:
        return {call["number"] for call in scene.account.control.get("held")
                if (call["operation"], call["account"]) == ("listAssessments", scene.account.name)}

    def unanswered_all_the_while() -> set[int]:
        """Calls that TestGorilla has not answered when the listing begins, nor when it is there."""
        before = unanswered()
        assert scene.assessment in scene.company.packages()
        return before & unanswered()

    # One of these listings has had TestGorilla asked, and none has asked it itself: that call would be over.
    eventually(unanswered_all_the_while)


def test_a_job_s_location_and_the_requester_change_nothing(scene: Scene) -> None:
    scene.company.control.put(f"companies/{scene.company.name}",
                              {"location": {"country-code": "nl", "city": "Utrecht", "remote": "true"}})
    assert scene.assessment in scene.company.packages()
