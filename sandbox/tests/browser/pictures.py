"""Screenshots of the run, in `.local/<stack>/screenshots`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page


@dataclass(frozen=True)
class Album:
    """A folder of screenshots; a later one of the same name replaces the earlier."""

    folder: Path

    def keep(self, page: Page, name: str, full: bool = False) -> None:
        """Takes a picture of what is seen in the window, or of the whole page."""
        self.folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self.folder / f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}.png", full_page=full)
