"""The consent page and its form take nothing that did not come from SmartRecruiters and from us."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

import pytest
import requests
from support.naming import label
from support.page import Page
from support.world import World

FOREIGN = [
    "https://evil.example/apps",
    "https://smartrecruiters.com.evil.example/apps",
    "https://smartrecruiters.com@evil.example/apps",
    "http://127.0.0.1@evil.example/",
    "http://127.0.0.1.evil.example/",
    "http://evil.example\\@127.0.0.1/",
    "//evil.example/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "/relative",
]


@pytest.mark.parametrize("redirect", FOREIGN)
def test_the_page_leads_to_smartrecruiters_or_nowhere(world: World, redirect: str) -> None:
    answer = world.product.call("GET", "/integration", params={"companyId": "acme-example", "redirect": redirect})
    assert answer.status_code == 400
    assert "does not lead back to SmartRecruiters" in Page(answer.text).text
    assert not Page(answer.text).form


@pytest.mark.parametrize("redirect", FOREIGN)
def test_a_form_with_a_foreign_way_back_connects_nobody(world: World, redirect: str) -> None:
    company, account = world.company(), world.account()
    page = company.allows()
    page.inputs["redirect"] = redirect
    answer = company.grants(page, account.enables_the_integration())
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert not company.is_connected


@pytest.mark.parametrize("query", ["", "companyId=", "companyId=a/b", "companyId=%00", "companyId=" + "a" * 129,
                                   "companyId=acme&companyId=other", "companyId=<script>alert(1)</script>"], ids=label)
def test_a_link_that_names_no_company_says_so(world: World, query: str) -> None:
    answer = world.product.call("GET", f"/integration?{query}")
    assert answer.status_code == 400
    assert "which company to connect" in Page(answer.text).text
    assert "<script>" not in answer.text


def test_a_form_made_for_another_company_connects_nobody(world: World) -> None:
    company, other, account = world.company(), world.company(), world.account()
    page = company.allows()
    page.inputs["formToken"] = other.allows().inputs["formToken"]
    _is_forged(world, company.name, company.grants(page, account.enables_the_integration()))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "nonce.99999999999.AAAA"])
def test_a_form_that_we_did_not_make_connects_nobody(world: World, token: str) -> None:
    company, account = world.company(), world.account()
    page = company.allows()
    page.inputs["formToken"] = token
    _is_forged(world, company.name, company.grants(page, account.enables_the_integration()))


def test_a_form_from_yesterday_connects_nobody_and_the_page_that_answers_is_fresh(world: World) -> None:
    company, account = world.company(), world.account()
    page = company.allows()
    nonce = page.inputs["formToken"].partition(".")[0]
    page.inputs["formToken"] = _token(world, page, nonce, int(time.time()) - 86_400)
    answer = company.grants(page, account.enables_the_integration())
    assert answer.status_code == 400
    assert "open for more than an hour" in Page(answer.text).message
    assert not company.is_connected
    assert company.grants(Page(answer.text), account.api_key).status_code == 303


def test_the_yesterday_of_the_test_above_is_all_that_is_wrong_with_its_form(world: World) -> None:
    company, account = world.company(), world.account()
    page = company.allows(with_way_back=True)
    nonce, expires, _ = page.inputs["formToken"].split(".")
    assert page.inputs["formToken"] == _token(world, page, nonce, int(expires))
    assert company.grants(page, account.enables_the_integration()).status_code == 303


@pytest.mark.parametrize("body", [b"", b"{}", b"apiKey=x", b"companyId=acme&companyId=acme", b"\xff\xfe",
                                  b"a" * 300_000], ids=label)
def test_a_body_that_is_no_form_is_refused_in_words(world: World, body: bytes) -> None:
    answer = world.product.call("POST", "/integration", data=body,
                                headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 400
    assert "press Connect again" in Page(answer.text).message


def _is_forged(world: World, company: str, answer: requests.Response) -> None:
    assert answer.status_code == 400
    assert "This form belongs to another link" in Page(answer.text).message
    assert not world.smartrecruiters.calls("setUpIntegration", company)
    world.ops.nothing_is_stored(company)


def _token(world: World, page: Page, nonce: str, expires: int) -> str:
    """A form token as only we can make it: with the stack's disconnect key."""
    key = _mac(world.ops.stack.disconnect_key.encode(), b"consent form")
    parts = (page.inputs["companyId"], page.inputs.get("redirect", ""), nonce)
    mac = _mac(key, *(part.encode() for part in parts), expires.to_bytes(8, "big", signed=True))
    return f"{nonce}.{expires}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _mac(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 of parts that each are preceded by their length."""
    return hmac.new(key, b"".join(len(part).to_bytes(8, "big") + part for part in parts), hashlib.sha256).digest()
