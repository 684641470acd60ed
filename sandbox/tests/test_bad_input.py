"""Bad input gets a clear answer, and nothing is lost or half done."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import requests
from support.control import code
from support.naming import REMOVED, label
from support.world import Scene, World


@pytest.fixture(scope="module")
def shared(world: World) -> Scene:
    """One company for all tests of this file: none of them changes anything of it."""
    return world.scene()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"5", b"{'a': 1}", b"\x00", b"<xml/>",
                                  b'{"a": ' * 5_000], ids=label)
def test_what_is_no_json_object_is_malformed(shared: Scene, body: bytes) -> None:
    for path in ("/packages/orders", "/packages/inline/orders"):
        answer = shared.world.product.call("POST", path, shared.company.token(), data=body,
                                           headers={"Content-Type": "application/json"})
        assert (answer.status_code, code(answer)) == (400, "request_malformed")


@pytest.mark.parametrize(("change", "named"), [
    ({"assessmentPackageId": REMOVED}, "assessmentPackageId is missing"), ({"assessmentPackageId": 5}, "assessmentPackageId is not"),
    ({"assessmentPackageId": None}, "assessmentPackageId is missing"), ({"assessmentPackageId": ["1"]}, "assessmentPackageId is not"),
    ({"candidate": REMOVED}, "candidate is missing"), ({"candidate": "juno"}, "candidate is not"), ({"candidate": None}, "candidate is not"),
    ({"candidate": []}, "candidate is not"), ({"candidate": {"email": 5}}, "candidate.email is not"),
    ({"candidate": {"id": {}}}, "candidate.id is not"),
    ({"candidate": {"email": "juno@example.com", "lastName": 5}}, "candidate.lastName is not"),
    ({"companyId": REMOVED}, "companyId is missing"), ({"companyId": 5}, "companyId is not"),
    ({"resultCallbackURL": REMOVED}, "resultCallbackURL is missing"), ({"resultCallbackURL": 5}, "resultCallbackURL is not"),
], ids=label)
def test_missing_properties_and_those_of_another_type_are_named(shared: Scene, change: dict[str, Any], named: str) -> None:
    answer = _order(shared, change)
    assert (answer.status_code, code(answer)) == (400, "request_malformed")
    assert named in answer.json()["errors"][0]["message"]
    _nothing_was_done(shared)


@pytest.mark.parametrize(("candidate", "named"), [
    ({}, "neither an id nor an e-mail address"), ({"email": "no-address"}, "e-mail address is not one"),
    ({"email": "two@at@signs.example"}, "e-mail address is not one"),
    ({"email": "juno@example.com\nBcc: all@example.com"}, "e-mail address is not one"),
    ({"email": "a" * 300 + "@x.example"}, "e-mail address is not one"),
    ({"email": "juno@example.com", "firstName": "x" * 201}, "id or name is too long"),
], ids=label)
def test_a_candidate_whom_nobody_could_invite_is_refused_with_the_reason(
    shared: Scene, candidate: dict[str, Any], named: str
) -> None:
    answer = _order(shared, {"candidate": candidate})
    assert (answer.status_code, code(answer)) == (400, "candidate_invalid")
    assert named in answer.json()["errors"][0]["message"]
    _nothing_was_done(shared)


def test_unknown_properties_are_ignored(world: World) -> None:
    scene = world.scene()
    candidate, _ = scene.orders(overrides={"unknown": {"deep": [1]}, "candidate": {"phone": "1"}, "fields": {"a": "b"},
                                           "jobId": None, "job": None})
    scene.arrives(candidate)


def test_another_company_in_the_order_is_refused(shared: Scene) -> None:
    for company in (shared.world.company().name, shared.company.name.upper(), f" {shared.company.name}"):
        answer = _order(shared, {"companyId": company})
        assert (answer.status_code, code(answer)) == (403, "company_foreign")
    _nothing_was_done(shared)


@pytest.mark.parametrize("url", [
    "https://evil.example/orders/{order}/results",
    "https://smartrecruiters.com@evil.example/orders/{order}/results",
    "https://smartrecruiters.com.evil.example/orders/{order}/results",
    "https://evilsmartrecruiters.com/orders/{order}/results",
    "https://api.smartrecruiters.com:8443/orders/{order}/results",
    "http://api.smartrecruiters.com/orders/{order}/results",
    "ftp://127.0.0.1/orders/{order}/results",
    "https://user:pass@127.0.0.1/orders/{order}/results",
    "http://127.0.0.1.evil.example/orders/{order}/results",
    "http://127.0.0.1@evil.example/orders/{order}/results",
    "http://evil.example#@127.0.0.1/orders/{order}/results",
    "http://evil.example\\@127.0.0.1/orders/{order}/results",
    "http://169.254.169.254/orders/{order}/results",
    "http://0x7f000001.evil.example/orders/{order}/results",
    "//127.0.0.1/orders/{order}/results",
    "file:///orders/{order}/results",
    "not a url {order}",
    "",
])
def test_a_result_url_on_a_foreign_host_is_refused(shared: Scene, url: str) -> None:
    answer = _order(shared, {"resultCallbackURL": url.replace("{order}", str(uuid.uuid4()))})
    assert (answer.status_code, code(answer)) == (400, "result_url_forbidden")
    _nothing_was_done(shared)


@pytest.mark.parametrize("path", ["/", "/orders/5/results", "/orders/not-a-uuid/results", "/?id={order}", "/#{order}"])
def test_a_result_url_without_an_order_is_refused(shared: Scene, path: str) -> None:
    url = shared.world.smartrecruiters.url + path.replace("{order}", str(uuid.uuid4()))
    answer = _order(shared, {"resultCallbackURL": url})
    assert (answer.status_code, code(answer)) == (400, "result_url_without_order")
    _nothing_was_done(shared)


@pytest.mark.parametrize("path", ["/packages/orders", "/packages/inline/orders", "/oauth/token"])
def test_a_body_over_256_kib_is_refused(shared: Scene, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    at_the_limit = shared.world.product.call("POST", path, shared.company.token(), data=b" " * 262_144, headers=headers)
    assert at_the_limit.status_code == 400
    beyond = shared.world.product.call("POST", path, shared.company.token(), data=b" " * 262_145, headers=headers)
    assert (beyond.status_code, code(beyond)) == (413, "body_too_large")


@pytest.mark.parametrize("package", ["0", "-1", "1.0", "1e3", "9" * 40, "%00", "%3F", "%23", "%20", "%0A", "%2541", "ü",
                                     "orders", "a b"])
def test_an_id_that_is_none_is_an_unknown_package(shared: Scene, package: str) -> None:
    answer = shared.world.product.call("GET", f"/packages/{package}", shared.company.token())
    assert (answer.status_code, code(answer)) == (404, "package_unknown")


def _order(scene: Scene, change: dict[str, Any]) -> requests.Response:
    """Posts a good order with changes."""
    body: dict[str, Any] = {
        "assessmentPackageId": scene.assessment,
        "candidate": {"id": str(uuid.uuid4()), "email": scene.company.candidate().email},
        "job": {"id": str(uuid.uuid4())},
        "companyId": scene.company.name,
        "resultCallbackURL": f"{scene.world.smartrecruiters.url}/assessment-api/v202010/orders/{uuid.uuid4()}/results",
        **change,
    }
    body = {name: value for name, value in body.items() if value is not REMOVED}
    return scene.world.product.call("POST", "/packages/orders", scene.company.token(), data=json.dumps(body),
                                    headers={"Content-Type": "application/json"})


def _nothing_was_done(scene: Scene) -> None:
    assert not scene.world.ops.items(scene.company.name, "ORDER#")
    assert not scene.world.ops.invitations(scene.company.name)
