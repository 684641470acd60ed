"""Nobody gets in who should not: what a stranger, or another customer, tries with what they can know."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from support.control import code
from support.naming import label
from support.polling import eventually
from support.world import Scene

MARKUP = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'>'


def test_an_order_of_another_company_is_not_moved_by_naming_its_result_url(scene: Scene) -> None:
    other = scene.world.scene()
    candidate, order = other.orders()
    url = f"{scene.world.smartrecruiters.url}/assessment-api/v202010/orders/{order}/results"
    stranger = scene.company.candidate()
    answer = scene.world.product.call("POST", "/packages/orders", scene.company.token(), json={
        "assessmentPackageId": scene.assessment,
        "candidate": {"id": str(uuid.uuid4()), "email": stranger.email},
        "job": {"id": str(uuid.uuid4())},
        "companyId": scene.company.name,
        "resultCallbackURL": url,
    })
    # It is an address of SmartRecruiters', so it is taken; there our credentials of this company do not open it.
    assert answer.status_code == 202
    scene.account.takes(scene.invited(stranger), scores={"Python": 1, "Communication": 1})
    other.account.takes(other.invited(candidate), scores={"Python": 90, "Communication": 90})
    seen = other.company.shows(order, "COMPLETED")
    assert (seen["result"]["score"]["raw"], seen["regressions"]) == (90, 0)
    refused = eventually(lambda: [call for call in scene.company.calls("patchResults") if order in call["path"]])
    assert {call["status"] for call in refused} <= {403, 404}


HEADERS: list[dict[str, str]] = [
    {"X-HTTP-Method-Override": "DELETE"},
    {"X-Original-URL": "/packages/orders", "X-Rewrite-URL": "/packages/orders"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "javascript", "X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1;host=evil.example;proto=http"},
    {"X-Amzn-Oidc-Identity": "somebody", "X-Amz-Security-Token": "somebody's"},
    {"X-Company-Id": "somebody", "CompanyId": "somebody"},
    {"Content-Type": "text/html", "Accept": "text/html", "Accept-Encoding": "x" * 200},
    {"Cookie": "session=somebody", "Origin": "https://evil.example", "Referer": "https://evil.example/"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=label)
def test_headers_that_speak_of_others_change_nothing(scene: Scene, headers: dict[str, str]) -> None:
    product, token = scene.world.product, scene.company.token()
    plain = product.call("GET", "/packages", token)
    answer = product.call("GET", "/packages", token, headers=headers)
    assert (answer.status_code, answer.text) == (plain.status_code, plain.text)
    assert product.call("GET", "/packages", headers=headers).status_code == 401
    assert "evil.example" not in str(answer.headers)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_two_credentials_are_none(scene: Scene) -> None:
    token, other = scene.company.token(), scene.world.scene().company.token()
    for value in (f"Bearer {token}, Bearer {other}", f"Bearer {token},{other}", f"Bearer {token} {other}"):
        answer = scene.world.product.call("GET", "/packages", headers={"Authorization": value})
        assert answer.status_code == 401


def test_a_credential_elsewhere_than_in_its_header_is_none(scene: Scene) -> None:
    token = scene.company.token()
    for options in ({"params": {"access_token": token}}, {"headers": {"Cookie": f"access_token={token}"}},
                    {"headers": {"X-Authorization": f"Bearer {token}"}}, {"data": {"access_token": token}}):
        answer = scene.world.product.call("POST", "/packages/orders", **options)
        assert (answer.status_code, code(answer)) == (401, "token_missing")


@pytest.mark.parametrize("where", ["name", "test", "candidate"])
def test_markup_is_shown_as_what_it_is(scene: Scene, where: str) -> None:
    created = scene.account.creates(name=MARKUP if where == "name" else "Plain",
                                    tests=(MARKUP,) if where == "test" else ("Python",))
    offered = scene.company.sees(created)[created]
    candidate = scene.company.candidate()
    overrides: dict[str, Any] = {"candidate": {"firstName": MARKUP, "lastName": MARKUP}} if where == "candidate" else {}
    order = scene.orders_of(created, candidate, overrides=overrides)
    scene.account.takes(replace(scene, assessment=created).invited(candidate))
    result = scene.company.shows(order, "COMPLETED")["result"]
    # JSON carries it unchanged: whoever shows it escapes it. In our own words it never stands.
    assert MARKUP not in result["summary"]
    if where == "name":
        assert offered["name"] == result["name"] == MARKUP
    if where == "test":
        assert [test["name"] for test in result["assessmentResults"]] == [MARKUP]


def test_names_sent_on_break_no_line_and_begin_no_formula(scene: Scene) -> None:
    candidate = scene.company.candidate()
    names = {"firstName": '=HYPERLINK("https://evil.example";"x")', "lastName": "+Example\r\nBcc: all@evil.example"}
    scene.orders(candidate, overrides={"candidate": names})
    scene.invited(candidate)
    [call] = [call for call in scene.account.calls("inviteCandidate") if call["status"] in (200, 201)]
    sent = call["request_body"]
    assert sent["first_name"] == 'HYPERLINK("https://evil.example";"x")'
    assert sent["last_name"] == "Example  Bcc: all@evil.example"


def test_an_error_never_repeats_what_was_sent(scene: Scene) -> None:
    mark = f"mark{uuid.uuid4().hex}"
    for body in (mark, json.dumps(mark), json.dumps({"companyId": mark}), json.dumps({mark: mark}),
                 json.dumps({"companyId": scene.company.name, "resultCallbackURL": f"https://{mark}.example/"})):
        answer = scene.world.product.call("POST", "/packages/orders", scene.company.token(), data=body,
                                          headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 403)
        assert mark not in answer.text
        assert mark not in str(answer.headers)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/integration", "/oauth/token", "/packages", "/packages/1", "/packages/orders",
                                  "/packages/inline/orders", "/callbacks/testgorilla"])
def test_a_method_that_is_not_served_opens_nothing(scene: Scene, method: str, path: str) -> None:
    assert scene.world.product.call(method, path, scene.company.token()).status_code in (403, 404, 405)
