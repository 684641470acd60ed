"""Every page that the consent function shows, and how an admin gets to it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import Response
from support.windows import within_one_window
from support.world import World

from . import form_token
from .consent import ConsentPage, allowed


@dataclass(frozen=True)
class Shown:
    """What the browser got."""

    answer: Response
    # What was typed into the field for the key, if anything.
    typed: str = ""


@dataclass(frozen=True)
class Outcome:
    """A page, its status and its words."""

    name: str
    status: int
    title: str
    words: str
    reach: Callable[[World, ConsentPage], Shown]
    # Whether the page holds the form.
    has_form: bool = True
    # Whether the field for the key is where to mend it.
    is_about_key: bool = False


def sent(world: World, consent: ConsentPage, key: str) -> Shown:
    """The admin of a new company pastes the key and presses Grant consent."""
    company = allowed(world)
    consent.opens(company.consent_url)
    return Shown(consent.grants(key), key)


def fresh(world: World, consent: ConsentPage) -> Shown:
    """The page with the form, before anything was typed."""
    company = allowed(world)
    return Shown(consent.opens(company.consent_url))


def connected(world: World, consent: ConsentPage) -> Shown:
    """A good key, and SmartRecruiters gave no way back."""
    company, key = allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    with consent.page.expect_response(lambda answer: "connected=" in answer.url and answer.request.method == "GET") as last:
        consent.grants(key)
    return Shown(last.value, key)


def unknown_key(world: World, consent: ConsentPage) -> Shown:
    """A key that TestGorilla never gave."""
    return sent(world, consent, secrets.token_hex(20))


def revoked_key(world: World, consent: ConsentPage) -> Shown:
    """A key of an integration that was disabled since."""
    account = world.account()
    key = account.enables_the_integration()
    account.disables_the_integration(callback="none")
    return sent(world, consent, key)


def not_pro(world: World, consent: ConsentPage) -> Shown:
    """A key of an account that left the Pro plan."""
    account = world.account()
    key = account.enables_the_integration()
    account.change(plan="starter")
    return sent(world, consent, key)


def no_key(world: World, consent: ConsentPage) -> Shown:
    """Something else than a key."""
    return sent(world, consent, "<b>no</b> key at all")


def testgorilla_down(world: World, consent: ConsentPage) -> Shown:
    """TestGorilla does not answer."""
    account = world.account()
    key = account.enables_the_integration()
    # A connection that is cut is tried once more at once.
    account.misbehaves("listAssessments", "cut_before", count=2)
    return sent(world, consent, key)


def smartrecruiters_down(world: World, consent: ConsentPage) -> Shown:
    """SmartRecruiters fails."""
    return _refused(world, consent, 500)


def not_registered(world: World, consent: ConsentPage) -> Shown:
    """SmartRecruiters has no configuration of ours."""
    return _refused(world, consent, 404)


def _refused(world: World, consent: ConsentPage, status: int) -> Shown:
    """SmartRecruiters answers the company's connection by a status."""
    company, key = allowed(world), world.account().enables_the_integration()
    company.misbehaves("setUpIntegration", "status", status=status)
    consent.opens(company.consent_url)
    return Shown(consent.grants(key), key)


def not_consented(world: World, consent: ConsentPage) -> Shown:
    """The link names a company that did not press Allow and continue."""
    company, other, key = allowed(world), world.company(), world.account().enables_the_integration()
    consent.opens(company.consent_url.replace(company.name, other.name))
    return Shown(consent.grants(key), key)


def already_connected(world: World, consent: ConsentPage) -> Shown:
    """The company is connected, with another key."""
    company, _ = world.connected()
    key = world.account().enables_the_integration()
    consent.opens(company.consent_url)
    return Shown(consent.grants(key), key)


def form_too_old(world: World, consent: ConsentPage) -> Shown:
    """The form was opened yesterday."""
    company, key = allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    nonce = secrets.token_hex(16)
    yesterday = int(time.time()) - 86_400
    token = form_token.sign(world.ops.stack.disconnect_key, company.name, "", nonce, yesterday)
    consent.changes("formToken", token)
    return Shown(consent.grants(key), key)


def other_link(world: World, consent: ConsentPage) -> Shown:
    """The form of one company is sent for another."""
    company, other, key = allowed(world), allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    consent.changes("companyId", other.name)
    return Shown(consent.grants(key), key)


def too_many_keys(world: World, consent: ConsentPage) -> Shown:
    """Twenty keys were tried for the company."""
    company, key = allowed(world), world.account().enables_the_integration()
    page = company.opens(company.consent_url)
    within_one_window()
    for _ in range(20):
        assert company.grants(page, secrets.token_hex(20)).status_code == 422
    consent.opens(company.consent_url)
    return Shown(consent.grants(key), key)


def unreadable_form(world: World, consent: ConsentPage) -> Shown:
    """The form has two tokens."""
    company, key = allowed(world), world.account().enables_the_integration()
    consent.opens(company.consent_url)
    consent.place.locator("form").evaluate("form => form.append(form.elements.formToken.cloneNode())")
    return Shown(consent.grants(key), key)


def opened(query: str) -> Callable[[World, ConsentPage], Shown]:
    """A link with this query is followed."""
    return lambda world, consent: Shown(consent.opens(f"{world.product.url}/integration?{query}"))


AGAIN = "press Connect again."
NO_COMPANY = ("This link is not complete.", f"It does not say which company to connect. Go back to SmartRecruiters and {AGAIN}")
NO_WAY_BACK = ("This link does not lead back to SmartRecruiters.", f"Go back to SmartRecruiters and {AGAIN}")
COPY = "Copy the whole key from TestGorilla's Integrations page and "
ANEW = "Nothing was connected. Paste the key again and press Grant consent."

OUTCOMES = [
    Outcome("the form", 200, "Connect TestGorilla to", "Once you grant consent", fresh),
    Outcome("connected", 200, "Connected", "You may close this window.", connected, has_form=False),
    Outcome("bad key", 422, "TestGorilla does not know this API key.", COPY, unknown_key, is_about_key=True),
    Outcome("revoked key", 422, "This API key was revoked.", "Enable the integration in TestGorilla again", revoked_key,
            is_about_key=True),
    Outcome("not Pro", 422, "This TestGorilla account is not on the Pro plan.", "Upgrade the account", not_pro, is_about_key=True),
    Outcome("no key at all", 422, "This is not an API key.", COPY, no_key, is_about_key=True),
    Outcome("TestGorilla not reachable", 502, "TestGorilla cannot be reached.", "Try again in a few minutes.", testgorilla_down),
    Outcome("SmartRecruiters not reachable", 502, "SmartRecruiters cannot be reached.", "Try again in a few minutes.",
            smartrecruiters_down),
    Outcome("company has not consented", 403, "The company has not agreed in SmartRecruiters.", "Allow and continue", not_consented),
    Outcome("partner not registered", 502, "TestGorilla is not set up at SmartRecruiters.", "contact TestGorilla's support",
            not_registered),
    Outcome("already connected", 409, "The company is connected already.", "press Disconnect in SmartRecruiters first, then connect again",
            already_connected),
    Outcome("form too old", 400, "This form was open for more than an hour.", ANEW, form_too_old),
    Outcome("form of another link", 400, "This form belongs to another link.", ANEW, other_link),
    Outcome("too many keys", 429, "Too many keys were tried.", "Wait a quarter of an hour", too_many_keys),
    Outcome("unreadable form", 400, "This form cannot be read.", AGAIN, unreadable_form, has_form=False),
    Outcome("no company", 400, *NO_COMPANY, opened(""), has_form=False),
    Outcome("markup for a company", 400, *NO_COMPANY, opened("companyId=" + quote("<img src=x onerror=alert(1)>")), has_form=False),
    Outcome("10 kB for a company", 400, *NO_COMPANY, opened("companyId=" + "a" * 10_240), has_form=False),
    Outcome("foreign way back", 400, *NO_WAY_BACK, opened("companyId=acme&redirect=" + quote("https://evil.example/", "")),
            has_form=False),
    Outcome("script for a way back", 400, *NO_WAY_BACK, opened("companyId=acme&redirect=javascript:alert(1)"), has_form=False),
]
