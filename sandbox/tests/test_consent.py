"""Row 3: the Grant consent page connects a company with a good key, and with no other."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import pytest
import requests
from support.control import SECONDS
from support.naming import label
from support.page import Page
from support.world import World


def test_the_browser_lands_on_the_grant_consent_page(world: World) -> None:
    company = world.company()
    page = company.allows()
    assert "Grant consent" in page.buttons
    assert page.inputs["companyId"] == company.name
    assert page.inputs["apiKey"] == ""
    assert company.name in page.text


def test_the_page_is_shown_in_smartrecruiters_frame_and_in_no_other(world: World) -> None:
    company = world.company()
    company.allows()
    headers = requests.get(company.consent_url, timeout=SECONDS).headers
    allowed = world.ops.variable("SMARTRECRUITERS_HOSTS").split(",")
    hosts = " ".join(f"http://{host}:* https://{host}:*" for host in allowed)
    assert f"frame-ancestors {hosts};" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_good_key_connects_the_company_and_leads_back_to_smartrecruiters(world: World) -> None:
    company, account = world.company(), world.account()
    page = company.allows(with_way_back=True)
    answer = company.grants(page, account.enables_the_integration())
    assert answer.status_code == 303
    assert answer.headers["Location"] == company.way_back
    assert company.is_connected


def test_without_a_way_back_the_page_says_that_the_company_is_connected(world: World) -> None:
    company, account = world.company(), world.account()
    answer = company.grants(company.allows(), account.enables_the_integration())
    assert answer.status_code == 303
    shown = company.opens(urljoin(company.consent_url, answer.headers["Location"]))
    assert "TestGorilla is connected" in shown.message
    assert company.is_connected


def test_a_made_up_link_does_not_say_that_a_company_is_connected(world: World) -> None:
    company = world.company()
    company.allows()
    page = company.opens(company.consent_url + "&connected=made.1795475763.up")
    assert "TestGorilla is connected" not in page.text
    assert "Grant consent" in page.buttons


def test_spaces_around_a_pasted_key_do_no_harm(world: World) -> None:
    company, account = world.company(), world.account()
    company.connects(f"  {account.enables_the_integration()}\n")


@pytest.mark.parametrize("key", ["0123456789abcdef0123456789abcdef01234567", "<script>alert(1)</script>"])
def test_an_unknown_key_gets_its_sentence_and_nothing_is_stored(world: World, key: str) -> None:
    _is_refused(world, key, "TestGorilla does not know this API key.")


def test_a_revoked_key_gets_its_sentence_and_nothing_is_stored(world: World) -> None:
    account = world.account()
    key = account.enables_the_integration()
    account.disables_the_integration(callback="none")
    _is_refused(world, key, "This API key was revoked.")


@pytest.mark.parametrize("plan", ["free", "starter"])
def test_a_key_of_an_account_below_pro_gets_its_sentence_and_nothing_is_stored(world: World, plan: str) -> None:
    account = world.account()
    key = account.enables_the_integration()
    account.change(plan=plan)
    _is_refused(world, key, "not on the Pro plan.")


@pytest.mark.parametrize("text", ["", "   ", "not a key", "k" * 301, "schlüssel", "key\r\nX-Injected: 1"], ids=label)
def test_what_is_no_key_gets_its_sentence_and_testgorilla_is_not_asked(world: World, text: str) -> None:
    _is_refused(world, text, "This is not an API key.")


def test_after_a_mistake_the_same_page_takes_the_right_key(world: World) -> None:
    company, account = world.company(), world.account()
    refused = company.grants(company.allows(), secrets.token_hex(20))
    answer = company.grants(Page(refused.text), account.enables_the_integration())
    assert answer.status_code == 303
    assert company.is_connected


def test_a_form_that_is_sent_twice_at_once_connects_once(world: World) -> None:
    company, account = world.company(), world.account()
    page, key = company.allows(), account.enables_the_integration()
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: company.grants(page, key), range(2)))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(company.calls("setUpIntegration")) == 1


def test_one_account_may_be_connected_to_two_companies(world: World) -> None:
    first, second, account = world.company(), world.company(), world.account()
    first.connects(account.enables_the_integration())
    second.connects(account.api_key)
    assessment = account.creates()
    first.sees(assessment)
    second.sees(assessment)


def _is_refused(world: World, key: str, sentence: str) -> None:
    """The key is refused on the same page, which never shows it again; nothing is stored."""
    company = world.company()
    answer = company.grants(company.allows(), key)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert sentence in page.message
    assert "Grant consent" in page.buttons
    assert page.inputs["apiKey"] == ""
    assert not key.strip() or key not in answer.text
    assert not company.is_connected
    assert not company.calls("setUpIntegration")
    world.ops.nothing_is_stored(company.name)
