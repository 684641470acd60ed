"""Row 10: the recruiter sees the order in progress, then the score, the link, the flags and each test's score."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from support.control import SECONDS
from support.world import Scene

FLAGS = {"is_camera_enabled": True, "is_exited_full_screen": True, "is_left_screen": False, "repeated_ip": False}


def test_when_the_candidate_starts_the_order_is_in_progress(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.starts(scene.invited(candidate))
    seen = scene.company.shows(order, "IN_PROGRESS")
    assert [change["to"] for change in seen["changes"]] == ["IN_PROGRESS"]
    assert "score" not in seen["result"]


def test_when_the_assessment_is_done_the_recruiter_sees_everything(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.account.starts(candidature)
    scene.company.shows(order, "IN_PROGRESS")
    scene.account.completes(candidature, scores={"Python": 81.5, "Communication": 64}, flags=FLAGS)
    result = scene.company.shows(order, "COMPLETED")["result"]
    assert result["score"] == {"raw": 73, "min": 0, "max": 100}
    assert [(test["name"], test["status"], test["score"]["raw"]) for test in result["assessmentResults"]] == [
        ("Python", "COMPLETED", 82), ("Communication", "COMPLETED", 64)]
    assert ("Webcam enabled? Yes. Full-screen mode always active? No. Mouse always in assessment window? Yes. "
            "Filled out only once from IP address? Yes.") in result["summary"]
    assert result["submissionDate"]
    assert [attachment["type"] for attachment in result["attachments"]] == ["OTHER_URL", "PDF_URL"]


def test_each_test_is_named_as_in_the_package(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate))
    results = scene.company.shows(order, "COMPLETED")["result"]["assessmentResults"]
    package = scene.company.packages()[scene.assessment]
    assert [test["assessmentId"] for test in results] == [test["id"] for test in package["assessments"]]


def test_see_results_opens_the_candidate_page_and_carries_no_token_and_no_result(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.account.takes(candidature)
    link = scene.company.shows(order, "COMPLETED")["result"]["attachments"][0]["url"]
    [known] = scene.account.candidatures(scene.assessment, candidate.email)
    page = scene.world.ops.variable("CANDIDATE_PAGE_URL")
    assert link == (page.replace("{assessment}", scene.assessment).replace("{candidature}", str(candidature))
                    .replace("{testtaker}", str(known["testtaker_id"])))
    stranger = requests.get(link, timeout=SECONDS)
    assert candidate.email not in stranger.text
    assert candidate.last_name not in stranger.text


@pytest.mark.parametrize(("average", "shown"), [(66.5, 67), (66.49, 66), (0.5, 1), (0, 0), (99.5, 100), (100, 100)])
def test_the_overall_score_is_testgorilla_s_own_average_rounded_half_up(
    scene: Scene, average: float, shown: int
) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), average=average)
    assert scene.company.shows(order, "COMPLETED")["result"]["score"] == {"raw": shown, "min": 0, "max": 100}


@pytest.mark.parametrize("form", ["bytes", "base64"])
def test_the_pdf_report_is_attached(scene: Scene, form: str) -> None:
    scene.account.change(variety={"pdf": form})
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate))
    seen = scene.company.shows(order, "COMPLETED")
    [attachment] = seen["attachments"]
    assert attachment["content_type"] == "application/pdf"
    assert seen["result"]["attachments"][1] == {"type": "PDF_URL", "url": attachment["url"]}


def test_what_is_nobody_else_s_business_never_leaves_testgorilla(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate))
    scene.company.shows(order, "COMPLETED")
    asked = [call["response_body"] for call in scene.account.calls("getCandidate")]
    told = [call["request_body"] for call in scene.company.calls("patchResults")]
    stored: Any = scene.world.ops.items(scene.company.name)
    for word in ("test_taker_photos", "accessibility", "'ip'"):
        assert word in str(asked)
        assert word not in str(told) + str(stored)


def test_a_result_is_published_once(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    scene.account.starts(candidature)
    scene.company.shows(order, "IN_PROGRESS")
    scene.account.completes(candidature)
    before = scene.company.shows(order, "COMPLETED")["patches"]
    body = {"type": "candidature.completed", "timestamp": "2026-01-03T09:12:00Z",
            "data": {"candidature_id": candidature}}
    for _ in range(3):
        assert [answer["status"] for answer in scene.account.control.post("callbacks", body)] == [202]
    other, another = scene.orders()
    scene.account.takes(scene.invited(other))
    scene.company.shows(another, "COMPLETED")
    assert scene.company.order(order)["patches"] == before == 3
