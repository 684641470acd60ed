"""Fixtures of the browser tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from stack.description import Stack

from . import chromium as browsers
from .chromium import Chromium, Window
from .pictures import Album


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright itself."""
    expect.set_options(timeout=browsers.MILLISECONDS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, stack: Stack) -> Iterator[Chromium]:
    """The browser."""
    browser = browsers.start(playwright)
    yield Chromium(browser, f"{stack.api_url}/integration")
    browser.close()


@pytest.fixture(scope="session")
def album(stack: Stack) -> Album:
    """Where screenshots are kept."""
    return Album(stack.folder / "screenshots")


@pytest.fixture
def window(chromium: Chromium, album: Album, request: pytest.FixtureRequest) -> Iterator[Window]:
    """A window of the size of SmartRecruiters' frame. Where the test fails, a picture of it is kept."""
    failed = request.session.testsfailed
    with chromium.window() as opened:
        yield opened
        if request.session.testsfailed > failed:
            album.keep(opened.page, f"failed-{request.node.name}")


@pytest.fixture
def page(window: Window) -> Page:
    """The page of that window."""
    return window.page
