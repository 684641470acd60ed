"""SmartRecruiters' access: our token endpoint, and the tokens it issues."""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.control import code
from support.naming import label
from support.windows import within_one_window
from support.world import Scene, World

from stack.settings import ROOT


@pytest.fixture(scope="module")
def shared(world: World) -> Scene:
    """One company for all tests of this file: none of them changes anything of it."""
    return world.scene()


def test_a_client_that_authenticates_by_the_form_gets_a_token(shared: Scene) -> None:
    pair = _pair(shared)
    answer = _ask(shared, {"grant_type": "client_credentials", **pair})
    assert answer.status_code == 200
    assert answer.json()["token_type"].lower() == "bearer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert shared.world.product.call("GET", "/packages", answer.json()["access_token"]).status_code == 200


def test_a_client_that_authenticates_by_http_basic_gets_a_token(shared: Scene) -> None:
    pair = _pair(shared)
    answer = _ask(shared, {"grant_type": "client_credentials"}, auth=(pair["client_id"], pair["client_secret"]))
    assert answer.status_code == 200
    assert shared.world.product.call("GET", "/packages", answer.json()["access_token"]).status_code == 200


@pytest.mark.parametrize("form", [
    {}, {"grant_type": "client_credentials"}, {"client_id": "a", "client_secret": "b"},
    {"grant_type": "client_credentials", "client_id": "a"}, {"grant_type": "client_credentials", "client_secret": "b"},
    {"grant_type": ["client_credentials", "client_credentials"], "client_id": "a", "client_secret": "b"},
], ids=label)
def test_an_incomplete_request_is_invalid(shared: Scene, form: dict[str, Any]) -> None:
    answer = _ask(shared, form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_another_grant_is_not_supported(shared: Scene) -> None:
    answer = _ask(shared, {"grant_type": "password", **_pair(shared)})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_wrong_secret_and_an_unknown_client_get_the_same_answer(shared: Scene) -> None:
    pair = _pair(shared)
    wrong = [{**pair, "client_secret": "wrong"}, {**pair, "client_id": "0" * len(pair["client_id"])},
             {**pair, "client_id": "x" * 300}, {**pair, "client_secret": pair["client_secret"] + "\0"}]
    answers = [_ask(shared, {"grant_type": "client_credentials", **form}) for form in wrong]
    assert {(answer.status_code, answer.text) for answer in answers} == {(400, answers[0].text)}
    assert answers[0].json()["error"] == "invalid_client"


def test_wrong_secrets_are_throttled_and_the_right_one_is_still_taken(scene: Scene) -> None:
    wrong = {"grant_type": "client_credentials", **_pair(scene), "client_secret": "wrong"}
    within_one_window()
    assert [_ask(scene, wrong).status_code for _ in range(21)] == [400] * 20 + [429]
    answer = _ask(scene, wrong)
    assert code(answer) == "too_many_tries"
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert _ask(scene, {"grant_type": "client_credentials", **_pair(scene)}).status_code == 200


def test_wrong_pairs_from_one_address_are_throttled_whatever_their_client(world: World) -> None:
    event = json.loads((ROOT / "events" / "token" / "wrong-secret.json").read_text())
    # On a local stack everybody calls from this machine, which is not counted.
    event["requestContext"]["http"]["sourceIp"] = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"

    def tries(client: int) -> int:
        event["body"] = f"grant_type=client_credentials&client_id={client:032x}&client_secret=wrong"
        return int(world.ops.invokes("TokenFunction", event)[0]["statusCode"])

    # A hundred invocations, one after the other.
    within_one_window(180)
    assert [tries(client) for client in range(101)] == [400] * 100 + [429]


def test_a_wrong_secret_by_http_basic_is_challenged(shared: Scene) -> None:
    for secret in ("wrong", "", "schlüssel".encode()):
        answer = _ask(shared, {"grant_type": "client_credentials"}, auth=(_pair(shared)["client_id"], secret))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_json_is_no_form(shared: Scene) -> None:
    answer = shared.world.product.call("POST", "/oauth/token", json={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


ROUTES = [("GET", "/packages"), ("GET", "/packages/1"), ("POST", "/packages/orders"),
          ("POST", "/packages/inline/orders"), ("DELETE", "/integrations/companies/acme-example")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_nobody_is_let_in(shared: Scene, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": "token"}):
        answer = shared.world.product.call(method, path, headers=headers)
        assert (answer.status_code, code(answer)) == (401, "token_missing")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_forged_and_expired_tokens_are_refused(shared: Scene, method: str, path: str) -> None:
    now = int(time.time())
    header, claims, signature = shared.company.token().split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    stranger = Ed25519PrivateKey.generate()
    forged = [
        "x", "a.b.c", f"{header}.{claims}.", f"{header}.{claims}.{signature[:-4]}AAAA",
        f"{header}.{_part({**said, 'sub': 'other'})}.{signature}",
        f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{claims}.",
        f"{_part({'alg': 'HS256', 'typ': 'at+jwt'})}.{claims}.{signature}",
        _sign(stranger, header, said),
        _sign(_key(shared), header, {**said, "iat": now - 7_200, "exp": now - 1}),
        _sign(_key(shared), header, {**said, "iat": now + 3_600, "exp": now + 7_200}),
        _sign(_key(shared), header, {**said, "client_id": "0" * 32}),
        "x" * 4_000,
    ]
    for token in forged:
        answer = shared.world.product.call(method, path, token)
        assert (answer.status_code, code(answer)) == (401, "token_invalid"), token[:200]


def test_the_signing_of_the_test_above_is_what_we_take(shared: Scene) -> None:
    header, claims, _ = shared.company.token().split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert shared.world.product.call("GET", "/packages", _sign(_key(shared), header, said)).status_code == 200


def test_a_company_s_token_opens_nothing_of_another(shared: Scene) -> None:
    other = shared.world.scene()
    mine = shared.world.product.call("GET", "/packages", shared.company.token()).json()
    assert other.assessment not in {package["id"] for package in mine}
    header, claims, _ = shared.company.token().split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    crossed = _sign(_key(shared), header, {**said, "sub": other.company.name})
    assert shared.world.product.call("GET", "/packages", crossed).status_code == 401


def _pair(scene: Scene) -> dict[str, str]:
    """What SmartRecruiters uses at our token endpoint."""
    pair = dict(scene.company.control.get(f"companies/{scene.company.name}/pair"))
    scene.world.marks.add("secret", pair["client_secret"])
    return pair


def _ask(scene: Scene, form: dict[str, Any], **options: Any) -> requests.Response:
    answer = scene.world.product.call("POST", "/oauth/token", data=form or "",
                                      headers={"Content-Type": "application/x-www-form-urlencoded"}, **options)
    if answer.ok:
        scene.world.marks.add("secret", answer.json()["access_token"])
    return answer


def _key(scene: Scene) -> Ed25519PrivateKey:
    """The connection's signing key, as it lies in Secrets Manager."""
    [secret] = scene.world.ops.company_secrets(scene.company.name).values()
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(json.loads(secret)["tokenKey"]))


def _sign(key: Ed25519PrivateKey, header: str, claims: dict[str, Any]) -> str:
    signed = f"{header}.{_part(claims)}"
    return f"{signed}.{base64.urlsafe_b64encode(key.sign(signed.encode())).decode().rstrip('=')}"


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
