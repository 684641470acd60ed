"""The forge's workflows, by actionlint (is it one, and does it say what it means?) and zizmor (can it be abused?): part of `make audit`."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from .progress import Failed, say
from .settings import ROOT
from .supply_chain import environment

FOLDER = ROOT / ".github" / "workflows"
SECONDS = 120


def examine() -> None:
    """Fails with everything that is found."""
    for path in sorted(FOLDER.glob("*.yml")):
        for by, find in EXAMINERS.items():
            if found := find(path):
                raise Failed(f"{path.relative_to(ROOT)}: {by} finds {', '.join(sorted(found))}")
    say(f"Workflows: nothing found by {' and '.join(EXAMINERS)}")


def finds(by: str, what: str, text: str, folder: Path) -> bool:
    """Whether an examiner finds something in a workflow that reads so."""
    # Where it lies tells actionlint what it is.
    path = folder / ".github" / "workflows" / "planted.yml"
    shutil.rmtree(folder, ignore_errors=True)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return what in EXAMINERS[by](path)


def _actionlint(path: Path) -> set[str]:
    """The kinds of what is found. What it would ask other programs, which may be there or not, is not asked."""
    answer = _ask(["actionlint", "-format", "{{json .}}", "-shellcheck", "", "-pyflakes", "", str(path)])
    return {error["kind"] for error in json.loads(answer)}


def _zizmor(path: Path) -> set[str]:
    """The audits that find something, without asking a network."""
    answer = _ask(["zizmor", "--offline", "--quiet", "--no-exit-codes", "--persona", "pedantic", "--format", "json", str(path)])
    return {finding["ident"] for finding in json.loads(answer)}


def _ask(command: list[str]) -> str:
    """An examiner's answer; one that could not examine anything fails."""
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    # actionlint says 1 where it finds something.
    if done.returncode > 1 or not done.stdout:
        raise Failed(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout


EXAMINERS: dict[str, Callable[[Path], set[str]]] = {"actionlint": _actionlint, "zizmor": _zizmor}
