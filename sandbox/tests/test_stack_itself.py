"""The local stack's own commands: what they start ends with them, and what they cannot read they say.

Needs no stack: `.local/venv-tools/bin/python -m pytest --config-file sandbox/pytest.ini --noconftest sandbox/tests/test_stack_itself.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stack import audit, description, package, processes, progress
from stack.progress import Failed

# It tells its pid and does not end when it is asked to.
STUBBORN = ["bash", "-c", "trap '' TERM; echo $$; while true; do sleep 0.1; done"]


def test_a_command_that_does_not_end_when_it_is_asked_to_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "ENDING_SECONDS", 0.5)
    started: list[str] = []

    def interrupted(title: str, lines: object, last: object, *_: object) -> None:
        started.append(lines.get(timeout=10))  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "_follow", interrupted)
    with pytest.raises(KeyboardInterrupt):
        progress.run("Stubborn", STUBBORN, os.environ)
    assert processes.start_time(int(started[0])) == 0, "it is gone"


def test_a_description_of_another_version_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"name": "old", "servers": [], "more": 1}))
    with pytest.raises(Failed, match="another version"):
        description.load(path)


@pytest.mark.parametrize(("others", "is_taken"), [(2.44, True), (2.49, True), (2.6, False)])
def test_the_function_that_is_weighed_need_not_be_the_largest_by_a_hair(
    others: float, is_taken: bool
) -> None:
    sizes = {f"{package.LARGEST.title()}Function": 2.45, "OrdersFunction": others}
    assert _fails(lambda: package.is_weighed_right(sizes)) is not is_taken


@pytest.mark.parametrize(("variables", "fails"), [({}, False), ({"CI": "true"}, True), ({"CI": "true", "AUDIT_OFFLINE": "1"}, False)])
def test_the_forge_fails_where_known_vulnerabilities_cannot_be_looked_up(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], fails: bool
) -> None:
    for name in ("CI", "AUDIT_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(audit, "_ask", lambda command: audit.subprocess.CompletedProcess(command, 1, "", "no network"))
    assert _fails(audit.advisories) is fails


def _fails(does: Callable[[], object]) -> bool:
    try:
        does()
    except Failed:
        return True
    return False
