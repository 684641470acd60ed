"""What the tests made up and must not meet again: secrets and personal data, and the companies whose books must agree.

Written to a file beside the stack, because tests may run in several processes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Marks:
    """A file to which lines are added. Adding is atomic."""

    path: Path

    def clear(self) -> None:
        """Forgets earlier runs."""
        self.path.unlink(missing_ok=True)

    def add(self, kind: str, text: str) -> None:
        """Remembers a `secret`, a `person`'s datum or a `company`."""
        with self.path.open("a") as file:
            file.write(json.dumps([kind, text]) + "\n")

    def all(self) -> dict[str, set[str]]:
        """Everything remembered, by its kind."""
        found: dict[str, set[str]] = defaultdict(set)
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                kind, text = json.loads(line)
                found[kind].add(text)
        return found
