"""Row 3: the page works in SmartRecruiters' frame, without cookies, and shows itself in nobody else's."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame, Page, expect
from support.world import World

from . import accessibility, frames
from .chromium import DESK, Chromium
from .consent import ConsentPage, allowed
from .pictures import Album


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """A site of another origin than the product's, on a host that may frame it."""
    with frames.site("localhost") as url:
        yield url


def framed(page: Page, site: str, url: str) -> Frame:
    """A page of the site shows an address in a frame."""
    page.goto(f"{site}/?frame={url}")
    frame = page.locator("iframe").element_handle().content_frame()
    assert frame is not None
    frame.wait_for_load_state()
    return frame


def test_the_browser_of_these_tests_does_block_the_cookies_of_third_parties(chromium: Chromium, elsewhere: str) -> None:
    with frames.site("127.0.0.1") as third_party, chromium.window(DESK) as window:
        framed(window.page, elsewhere, f"{third_party}/cookie")
        assert window.page.context.cookies() == []
        window.page.goto(f"{third_party}/cookie")
        assert [cookie["name"] for cookie in window.page.context.cookies()] == [frames.COOKIE]


def test_an_admin_connects_in_a_frame_of_another_origin_with_third_party_cookies_blocked(
    chromium: Chromium, world: World, elsewhere: str, album: Album
) -> None:
    company, key = allowed(world), world.account().enables_the_integration()
    with chromium.window(DESK) as window:
        frame = framed(window.page, elsewhere, company.consent_url)
        consent = ConsentPage(window.page, frame)
        assert consent.grants(secrets.token_hex(20)).status == 422
        expect(consent.problem).to_be_focused()
        consent.grants(key)
        expect(frame.get_by_role("heading", name="Connected")).to_be_visible()
        assert window.page.context.cookies() == []
        assert not accessibility.violations(window.page)
        album.keep(window.page, "frame-of-another-origin")
    assert company.is_connected


def test_a_frame_of_a_foreign_host_stays_empty(chromium: Chromium, world: World) -> None:
    company = allowed(world)
    with frames.site("127.0.0.2") as foreign, chromium.window(DESK) as window:
        refused = []
        window.page.on("console", lambda message: refused.append(message.text))
        with window.page.expect_event("requestfailed"):
            window.page.goto(f"{foreign}/?frame={company.consent_url}")
        expect(window.page.frame_locator("iframe").get_by_role("button", name="Grant consent")).to_have_count(0)
        assert any("frame-ancestors" in text for text in refused), refused
        window.watch.found.clear()
