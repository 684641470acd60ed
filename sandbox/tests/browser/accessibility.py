"""Accessibility by axe-core."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LEVELS = ("minor", "moderate", "serious", "critical")


def violations(page: Page, at_least: str = "minor") -> list[str]:
    """What axe finds on a page and in its frames as they are shown now, from a level upwards.

    All of axe's rules are asked, but the experimental ones. Each frame is a document of its own: axe in one cannot see into another.
    """
    options = {"iframes": False, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = [rule for frame in page.frames
                                   for rule in Axe().run(frame, options=options).response["violations"]]
    counting = LEVELS[LEVELS.index(at_least):]
    return [f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html']}"
            for rule in found if rule["impact"] in counting for node in rule["nodes"]]
