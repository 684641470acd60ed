"""Row 3: an admin at the Grant consent page, with a mouse, with a keyboard alone, and without scripts."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page, expect
from support.world import World

from .chromium import Chromium, Window
from .consent import ConsentPage, allowed
from .pictures import Album


@pytest.fixture
def consent(page: Page) -> ConsentPage:
    """Our page in the window."""
    return ConsentPage(page)


def test_the_page_says_whom_it_connects_where_the_key_is_and_what_will_happen(world: World, consent: ConsentPage) -> None:
    company = allowed(world)
    consent.opens(company.consent_url)
    expect(consent.page).to_have_title("Grant consent – TestGorilla for SmartRecruiters")
    expect(consent.page.get_by_role("heading", level=1)).to_have_text(
        f"Connect TestGorilla to {company.name} in SmartRecruiters")
    told = consent.page.get_by_role("main")
    for words in ("order your TestGorilla assessments and read candidates' results", "Disconnecting ends it", "Integrations",
                  "Owner or Admin", "Pro plan"):
        expect(told).to_contain_text(words)
    expect(consent.key).to_have_attribute("autocomplete", "off")
    expect(consent.key).to_have_accessible_description(
        "In TestGorilla, open Integrations as Owner or Admin of an account on the Pro plan, enable SmartRecruiters, and copy the API key.")


def test_a_good_key_leads_back_to_smartrecruiters(world: World, consent: ConsentPage) -> None:
    company, key = allowed(world, "REDIRECT"), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    answer = consent.grants(key)
    assert answer.status == 303
    consent.page.wait_for_url(lambda url: url.startswith(world.smartrecruiters.url))
    assert company.is_connected


def test_a_good_key_without_a_way_back_ends_on_a_page_that_may_be_closed(world: World, consent: ConsentPage) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    consent.grants(key)
    expect(consent.page.get_by_role("status")).to_contain_text("You may close this window.")
    assert company.is_connected


def test_a_keyboard_alone_is_enough(world: World, consent: ConsentPage) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    page = consent.page
    consent.opens(company.consent_url)
    for place in (consent.key, page.get_by_role("button", name="Show key"), consent.button):
        page.keyboard.press("Tab")
        expect(place).to_be_focused()
        assert place.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.insert_text(secrets.token_hex(20))
    page.keyboard.press("Enter")
    expect(consent.problem).to_be_focused()
    page.keyboard.press("Tab")
    expect(consent.key).to_be_focused()
    page.keyboard.insert_text(key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    assert company.is_connected


def test_the_key_is_hidden_until_it_is_asked_for(world: World, consent: ConsentPage, album: Album) -> None:
    company = allowed(world)
    consent.opens(company.consent_url)
    consent.key.fill("made-up-key")
    expect(consent.key).to_have_attribute("type", "password")
    consent.page.get_by_role("button", name="Show key").click()
    expect(consent.key).to_have_attribute("type", "text")
    expect(consent.key).to_have_value("made-up-key")
    album.keep(consent.page, "consent-key-shown")
    consent.page.get_by_role("button", name="Hide key").click()
    expect(consent.key).to_have_attribute("type", "password")


def test_without_scripts_everything_works_but_showing_the_key(world: World, chromium: Chromium) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    with chromium.window(java_script_enabled=False) as window:
        consent = ConsentPage(window.page)
        consent.opens(company.consent_url)
        expect(window.page.get_by_role("button")).to_have_text(["Grant consent"])
        assert consent.grants(secrets.token_hex(20)).status == 422
        expect(consent.problem).to_be_focused()
        consent.grants(key)
        expect(window.page.get_by_role("heading", name="Connected")).to_be_visible()
    assert company.is_connected


def test_an_empty_field_is_not_sent_and_nothing_but_spaces_gets_a_sentence(world: World, window: Window) -> None:
    company = allowed(world)
    consent = ConsentPage(window.page)
    consent.opens(company.consent_url)
    consent.button.click()
    assert consent.key.evaluate("field => field.validity.valueMissing && field === document.activeElement")
    assert not window.watch.posts
    assert consent.grants("   ").status == 422
    expect(consent.problem).to_contain_text("This is not an API key.")


@pytest.mark.parametrize("pasted", ["Token {}", "token {}", "  {}  ", "Token  {} ", "\t{}"])
def test_a_key_is_taken_as_people_paste_it(world: World, consent: ConsentPage, pasted: str) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    consent.grants(pasted.format(key))
    expect(consent.page.get_by_role("heading", name="Connected")).to_be_visible()
    assert company.is_connected


def test_a_key_with_spaces_in_it_is_none(world: World, consent: ConsentPage) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    assert consent.grants(f"{key[:20]} {key[20:]}").status == 422
    expect(consent.problem).to_contain_text("paste it without changes")
    assert not company.is_connected


def test_a_double_click_makes_one_integration(world: World, consent: ConsentPage) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    consent.key.fill(key)
    consent.button.dblclick()
    expect(consent.page.get_by_role("heading", name="Connected")).to_be_visible()
    assert len(company.calls("setUpIntegration")) == 1
    assert company.is_connected


def test_reloading_and_going_back_after_success_send_nothing_again(world: World, window: Window) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    consent, page = ConsentPage(window.page), window.page
    consent.opens(company.consent_url)
    consent.grants(key)
    told = page.get_by_role("heading", name="Connected")
    expect(told).to_be_visible()
    page.reload()
    expect(told).to_be_visible()
    page.go_back()
    expect(consent.button).to_be_visible()
    expect(consent.key).to_have_value("")
    page.go_forward()
    expect(told).to_be_visible()
    assert len(window.watch.posts) == 1
    assert len(company.calls("setUpIntegration")) == 1


def test_after_a_refusal_the_same_page_takes_the_right_key(world: World, consent: ConsentPage) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    assert consent.grants(secrets.token_hex(20)).status == 422
    assert consent.grants(key).status == 303
    assert company.is_connected


def test_a_page_is_small_and_comes_in_one_answer(world: World, consent: ConsentPage) -> None:
    company = allowed(world)
    answer = consent.opens(company.consent_url)
    assert len(answer.body()) < 8 * 1024
