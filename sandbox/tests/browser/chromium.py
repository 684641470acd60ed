"""The browser: windows that are closed after each test, and watched while they are open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from .watch import Watch

# No wait of a page is longer, unless the product hangs.
MILLISECONDS = 60_000
# The frame that SmartRecruiters shows our page in: 600 px wide and 45 % of a screen of 900 px high.
FRAME = {"width": 600, "height": 405}
DESK = {"width": 1200, "height": 900}


@dataclass
class Window:
    """A window with its own cookies, none at first."""

    page: Page
    watch: Watch


@dataclass(frozen=True)
class Chromium:
    """A browser that is running."""

    browser: Browser
    # Address of the product's pages.
    ours: str

    @contextmanager
    def window(self, size: dict[str, int] = FRAME, **options: Any) -> Iterator[Window]:
        """Opens a window. What the watch has found in it fails the test."""
        context = self.browser.new_context(viewport=size, reduced_motion="reduce", **options)
        context.set_default_timeout(MILLISECONDS)
        watch = Watch(self.ours)
        watch.begin(context)
        try:
            yield Window(context.new_page(), watch)
        finally:
            context.close()
        assert not watch.found, watch.found


def start(playwright: Playwright, *arguments: str) -> Browser:
    """Starts Debian's Chromium; it must be there."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is missing: `make test` installs it, or `apt-get install chromium`.")
    # Chromium has no sandbox of its own for root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, args=[*sandbox, *arguments])
