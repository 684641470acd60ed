"""Names of parametrised tests: short, and the same in every process."""

from __future__ import annotations

LONGEST = 60


def label(value: object) -> str:
    """What a parameter is called in a test's name."""
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


class Removed:
    """Stands for a property that is left out."""

    def __repr__(self) -> str:
        """What it is called in a test's name."""
        return "removed"


REMOVED = Removed()
