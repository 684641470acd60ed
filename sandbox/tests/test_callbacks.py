"""Callbacks are hints: believed when signed, and what is published is always read back from TestGorilla."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import pytest
import requests
from support.control import code
from support.naming import label
from support.polling import eventually
from support.world import Scene, World


def test_a_signed_callback_is_taken(scene: Scene) -> None:
    candidate, order = scene.orders()
    assert _statuses(scene.account.starts(scene.invited(candidate))) == [202]
    scene.company.shows(order, "IN_PROGRESS")


def test_while_the_secret_rotates_one_right_signature_is_enough(scene: Scene) -> None:
    candidate, order = scene.orders()
    assert _statuses(scene.account.starts(scene.invited(candidate), callback="rotating")) == [202]
    scene.company.shows(order, "IN_PROGRESS")


@pytest.mark.parametrize("sending", ["forged", "stale"])
def test_a_forged_or_stale_callback_is_refused_and_changes_nothing(scene: Scene, sending: str) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    looks = len(scene.account.calls("getCandidate"))
    assert _statuses(scene.account.starts(candidature, callback=sending)) == [401]
    assert scene.company.order(order)["status"] == "PENDING"
    # The signed one that follows is the first that leads to a look.
    assert _statuses(scene.account.completes(candidature)) == [202]
    seen = scene.company.shows(order, "COMPLETED")
    assert [change["to"] for change in seen["changes"]] == ["COMPLETED"]
    assert len(scene.account.calls("getCandidate")) > looks


def test_a_repeated_callback_publishes_once(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    before = scene.company.learns(order)["patches"]
    assert _statuses(scene.account.starts(candidature, callback="repeated")) == [202, 202]
    assert scene.company.shows(order, "IN_PROGRESS")["patches"] == before + 1
    assert _statuses(scene.account.completes(candidature, callback="repeated")) == [202, 202]
    assert scene.company.shows(order, "COMPLETED")["regressions"] == 0


def test_a_late_callback_changes_nothing(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.account.takes(candidature)
    before = scene.company.shows(order, "COMPLETED")
    assert _post(scene.world, _event("candidature.started", candidature)).status_code == 202
    other, another = scene.orders()
    scene.account.takes(scene.invited(other))
    scene.company.shows(another, "COMPLETED")
    after = scene.company.order(order)
    assert (after["status"], after["result"]) == ("COMPLETED", before["result"])


def test_what_a_callback_says_is_not_believed(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    told = scene.company.learns(order)["patches"]
    looks = len(scene.account.calls("getCandidate"))
    assert _post(scene.world, _event("candidature.completed", candidature)).status_code == 202
    eventually(lambda: len(scene.account.calls("getCandidate")) > looks)
    # Whoever has looked tells at once: before a candidate who is only ordered now has started.
    other, another = scene.orders()
    scene.account.starts(scene.invited(other))
    scene.company.shows(another, "IN_PROGRESS")
    seen = scene.company.order(order)
    assert (seen["status"], seen["patches"]) == ("PENDING", told)


def test_a_callback_that_names_another_assessment_is_about_somebody_else(scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    scene.account.starts(candidature, callback="none")
    foreign = _event("candidature.started", candidature, assessment_id=1)
    assert _post(scene.world, foreign).status_code == 202
    # What comes after it in the queue is worked on, and it was not.
    other, another = scene.orders()
    scene.account.starts(scene.invited(other))
    scene.company.shows(another, "IN_PROGRESS")
    assert scene.company.order(order)["status"] == "PENDING"
    assert _post(scene.world, _event("candidature.started", candidature)).status_code == 202
    scene.company.shows(order, "IN_PROGRESS")


@pytest.mark.parametrize("body", [
    {"type": "candidature.completed", "data": {"candidature_id": 999_999_999}},
    {"type": "candidature.deleted", "data": {"anything": "else"}},
    {"type": "integration.disabled", "data": {"api_key_sha256": "0" * 64}},
    {"type": "candidature.started", "data": {"candidature_id": 999_999_999, "unknown": {"deep": []}}, "more": 1},
], ids=label)
def test_what_is_not_ours_is_taken_and_left(world: World, body: dict[str, Any]) -> None:
    assert _post(world, body).status_code == 202


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b'{"type": 5}', b'{"type": "candidature.started"}',
    b'{"type": "candidature.started", "data": {"candidature_id": "x"}}',
    b'{"type": "candidature.started", "data": {"candidature_id": -1}}',
    b'{"type": "integration.disabled", "data": {"api_key_sha256": "short"}}',
])
def test_a_signed_callback_that_makes_no_sense_is_malformed(world: World, body: bytes) -> None:
    answer = _post(world, body)
    assert (answer.status_code, code(answer)) == (400, "callback_malformed")


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_callback_without_its_headers_is_malformed(world: World, missing: str) -> None:
    answer = _post(world, _event("candidature.started", 1), without=missing)
    assert (answer.status_code, code(answer)) == (400, "callback_headers_missing")


@pytest.mark.parametrize("change", [
    {"webhook-id": "msg_other"}, {"webhook-timestamp": "soon"}, {"webhook-timestamp": "99999999999999999999"},
    {"webhook-timestamp": "4102444800"}, {"webhook-signature": "v1,AAAA"},
    {"webhook-signature": "v2,x v1a,y"}, {"webhook-signature": "x" * 5_000},
], ids=label)
def test_a_callback_with_wrong_headers_is_refused(world: World, change: dict[str, str]) -> None:
    answer = _post(world, _event("candidature.started", 1), change=change)
    assert (answer.status_code, code(answer)) == (401, "callback_signature_invalid")


def test_a_signature_of_another_body_is_refused(world: World) -> None:
    answer = _post(world, _event("candidature.started", 1), sent=json.dumps(_event("candidature.started", 2)).encode())
    assert answer.status_code == 401


def test_a_callback_over_256_kib_is_refused(world: World) -> None:
    answer = _post(world, b'{"type": "' + b"x" * 262_144 + b'"}')
    assert (answer.status_code, code(answer)) == (413, "body_too_large")


def _statuses(answers: list[dict[str, Any]]) -> list[int]:
    return [answer["status"] for answer in answers]


def _event(kind: str, candidature: int, **data: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": "2026-01-03T09:12:00Z", "data": {"candidature_id": candidature, **data}}


def _post(world: World, body: dict[str, Any] | bytes, without: str = "", change: dict[str, str] | None = None,
          sent: bytes | None = None) -> requests.Response:
    """Sends a callback, signed by the Standard Webhooks scheme with the stack's secret."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    identity, now = f"msg_{uuid.uuid4()}", str(int(time.time()))
    key = base64.b64decode(world.ops.stack.callback_secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{identity}.{now}.".encode() + content, hashlib.sha256).digest()
    headers = {"content-type": "application/json", "webhook-id": identity, "webhook-timestamp": now,
               "webhook-signature": f"v1,{base64.b64encode(mac).decode()}", **(change or {})}
    headers.pop(without, None)
    return world.product.call("POST", "/callbacks/testgorilla", data=content if sent is None else sent, headers=headers)
