"""Accessibility by axe-core."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LEVELS = ("minor", "moderate", "serious", "critical")


def violations(page: Page, at_least: str = "minor") -> list[str]:
    """What axe finds on a page as it is shown now, from a level upwards; all of axe's rules but the experimental ones are asked."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    counting = LEVELS[LEVELS.index(at_least):]
    return [f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html']}"
            for rule in found if rule["impact"] in counting for node in rule["nodes"]]
