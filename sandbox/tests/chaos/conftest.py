"""Fixtures of the chaos tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def tell(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Prints a line at once, whether or not the test's output is kept."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{line}", end="", flush=True)

    return say
