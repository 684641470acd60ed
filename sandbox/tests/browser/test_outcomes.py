"""Row 3: each outcome of Grant consent has its page, and each of these pages is one to ship."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from support.world import World

from . import accessibility
from .chromium import FRAME, Chromium
from .consent import ConsentPage
from .outcomes import OUTCOMES, Outcome, Shown
from .pictures import Album

PHONE = {"width": 320, "height": 640}
# What is left of the frame, in the page's pixels, at a zoom of 200 %.
ZOOMED = {"width": FRAME["width"] // 2, "height": FRAME["height"] // 2}


@dataclass(frozen=True)
class Case:
    """A page that is shown in the browser."""

    outcome: Outcome
    consent: ConsentPage
    shown: Shown

    @property
    def page(self) -> Page:
        """The page in the browser."""
        return self.consent.page


@pytest.fixture(scope="module", params=OUTCOMES, ids=[outcome.name.replace(" ", "_") for outcome in OUTCOMES])
def case(request: pytest.FixtureRequest, chromium: Chromium, world: World) -> Iterator[Case]:
    """Each page once, reached as an admin reaches it."""
    with chromium.window() as window:
        consent = ConsentPage(window.page)
        yield Case(request.param, consent, request.param.reach(world, consent))


@pytest.fixture(autouse=True)
def as_in_the_frame(case: Case) -> None:
    """Every test finds the page as the frame shows it."""
    case.page.set_viewport_size(FRAME)
    case.page.emulate_media(color_scheme="light")


def test_the_page_has_its_status_and_its_sentence(case: Case, album: Album) -> None:
    assert case.shown.answer.status == case.outcome.status
    told = case.page.get_by_role("main")
    expect(told).to_contain_text(case.outcome.title)
    expect(told).to_contain_text(case.outcome.words)
    expect(case.consent.button).to_have_count(1 if case.outcome.has_form else 0)
    album.keep(case.page, f"consent-{case.outcome.name}")


def test_what_was_typed_is_never_shown_again(case: Case) -> None:
    if case.outcome.has_form:
        assert case.consent.key.input_value() == ""
    if case.shown.typed:
        for place in (case.shown.answer.text(), case.page.content(), case.page.url):
            assert case.shown.typed not in place
    assert "onerror" not in case.page.content()
    assert "evil" not in case.page.content()


def test_a_problem_is_told_to_who_does_not_see_the_page(case: Case) -> None:
    is_problem = case.outcome.status >= 400
    expect(case.consent.problem).to_have_count(1 if is_problem else 0)
    if case.outcome.has_form and is_problem:
        expect(case.page).to_have_title("Not connected – TestGorilla for SmartRecruiters")
        expect(case.consent.problem).to_be_focused()
        described = case.consent.key.get_attribute("aria-describedby") or ""
        assert described.split() == ["problem", "hint"]
        assert case.consent.key.get_attribute("aria-invalid") == ("true" if case.outcome.is_about_key else None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(case: Case, scheme: str, album: Album) -> None:
    case.page.emulate_media(color_scheme=scheme)
    background = case.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    if scheme == "dark":
        album.keep(case.page, f"consent-{case.outcome.name}-dark")
    assert not accessibility.violations(case.page)


def test_the_button_is_seen_in_the_frame_without_scrolling(case: Case) -> None:
    assert not _scrolls_sideways(case.page)
    if case.outcome.has_form:
        expect(case.consent.button).to_be_in_viewport(ratio=1)


def test_a_phone_shows_it_without_scrolling_sideways(case: Case, album: Album) -> None:
    case.page.set_viewport_size(PHONE)
    assert not _scrolls_sideways(case.page)
    if case.outcome.has_form:
        expect(case.consent.button).to_be_in_viewport(ratio=1)
    album.keep(case.page, f"consent-{case.outcome.name}-phone")


def test_at_twice_the_size_all_can_be_reached_without_scrolling_sideways(case: Case) -> None:
    case.page.set_viewport_size(ZOOMED)
    assert not _scrolls_sideways(case.page)
    case.page.set_viewport_size(FRAME)
    size = "document.documentElement.style.fontSize"
    case.page.evaluate(f"{size} = '200%'")
    assert not _scrolls_sideways(case.page)
    if case.outcome.has_form:
        case.consent.button.scroll_into_view_if_needed()
        expect(case.consent.button).to_be_in_viewport(ratio=1)
    case.page.evaluate(f"{size} = ''")


def test_the_headers_leave_nothing_open(case: Case) -> None:
    headers = case.shown.answer.all_headers()
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    nonce = policy["script-src"]
    assert nonce.startswith("'nonce-") and len(nonce) > 30
    assert policy["style-src"] == nonce
    assert policy["default-src"] == policy["base-uri"] == "'none'"
    assert "*" not in policy["frame-ancestors"].replace(":*", "")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "set-cookie" not in headers
    assert case.page.context.cookies() == []


def _scrolls_sideways(page: Page) -> bool:
    """Whether something is cut off at the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
