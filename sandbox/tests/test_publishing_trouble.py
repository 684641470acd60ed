"""Row 10, when SmartRecruiters or TestGorilla does not do what it should: the result comes all the same."""

from __future__ import annotations

from typing import Any

import pytest
from support.naming import label
from support.polling import eventually
from support.world import Scene

TROUBLES: list[dict[str, Any]] = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "after_effect": True},
    {"kind": "cut_before"},
    {"kind": "cut_after"},
    {"kind": "rate_limited", "retry_after": 1},
    {"kind": "status", "status": 401},
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=label)
@pytest.mark.parametrize("operation", ["patchResults", "addAttachment"])
def test_smartrecruiters_in_trouble_delays_the_result(scene: Scene, operation: str, trouble: dict[str, Any]) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    scene.company.misbehaves(operation, count=2, **trouble)
    scene.account.takes(candidature, scores={"Python": 55, "Communication": 57})
    seen = scene.company.shows(order, "COMPLETED", meanwhile=scene.hasten)
    assert seen["result"]["score"]["raw"] == 56
    _the_report_comes(scene, order)


@pytest.mark.parametrize("operation", ["getCandidate", "listResults", "renderPdf"])
@pytest.mark.parametrize("trouble", [{"kind": "status", "status": 500}, {"kind": "cut_after"},
                                     {"kind": "rate_limited", "reset": 1}], ids=label)
def test_testgorilla_in_trouble_delays_the_result(scene: Scene, operation: str, trouble: dict[str, Any]) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    scene.account.misbehaves(operation, count=2, **trouble)
    scene.account.takes(candidature, scores={"Python": 12, "Communication": 14})
    seen = scene.company.shows(order, "COMPLETED", meanwhile=scene.hasten)
    assert seen["result"]["score"]["raw"] == 13
    _the_report_comes(scene, order)


def test_a_report_that_cannot_be_had_never_holds_up_the_score(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.account.misbehaves("renderPdf", "status", count=50, status=500)
    scene.account.takes(candidature, scores={"Python": 20, "Communication": 20})
    assert scene.company.shows(order, "COMPLETED")["result"]["score"]["raw"] == 20


def test_a_token_that_smartrecruiters_has_forgotten_is_replaced(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    scene.company.control.delete("tokens", None)
    scene.account.starts(candidature)
    scene.company.shows(order, "IN_PROGRESS")


def test_many_results_at_once_keep_to_smartrecruiters_limits(scene: Scene) -> None:
    placed = [scene.orders() for _ in range(12)]
    for candidate, _ in placed:
        scene.account.takes(scene.invited(candidate), callback="none")
    for candidate, _ in placed:
        body = {"type": "candidature.completed", "timestamp": "2026-01-03T09:12:00Z",
                "data": {"candidature_id": scene.account.candidature(scene.assessment, candidate.email)}}
        scene.account.control.post("callbacks", body)
    for _, order in placed:
        scene.company.shows(order, "COMPLETED", meanwhile=scene.hasten)


def _the_report_comes(scene: Scene, order: str) -> None:
    """Waits for the PDF, which is shown once."""

    def shown() -> list[dict[str, Any]]:
        attachments = scene.company.order(order)["result"].get("attachments", [])
        return [attachment for attachment in attachments if attachment["type"] == "PDF_URL"]

    assert len(eventually(shown, meanwhile=scene.hasten)) == 1
