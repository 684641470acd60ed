"""Runs one function by `sam local invoke`, against a local stack that is up."""

from __future__ import annotations

import json
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import base_image, occasion
from .description import Stack
from .settings import REGION, ROOT, SAMCONFIG, aws_environment


@dataclass(frozen=True)
class Invocation:
    """What a function answered. `answer` is None when it was no JSON; `log` holds the function's and SAM's lines."""

    code: int
    answer: Any
    log: str


def command(stack: Stack, function: str, event: Path) -> list[str]:
    """The `sam local invoke` command. In the container, `localhost` leads to this machine too."""
    return ["sam", "local", "invoke", function, "--event", str(event.resolve()), "--template-file",
            str(stack.template), "--config-file", str(SAMCONFIG), "--config-env", "local", "--env-vars",
            str(stack.functions_environment), "--add-host", "localhost:host-gateway", "--skip-pull-image",
            "--region", REGION]


def filled(stack: Stack, event: Path) -> Path:
    """A copy of the event with its placeholders replaced by what the running stack knows."""
    folder = stack.folder / "events"
    folder.mkdir(exist_ok=True)
    copy = folder / f"{event.parent.name}-{event.stem}-{uuid.uuid4().hex[:8]}.json"
    copy.write_text(occasion.fill(stack, event.read_text()))
    return copy


def show(stack: Stack, function: str, event: Path) -> int:
    """Runs `function` with the event in a file, its answer and log on the terminal; returns the exit code."""
    if not base_image.is_there():
        base_image.provide()
    return subprocess.run(command(stack, function, filled(stack, event)), cwd=ROOT,
                          env=aws_environment(stack.endpoint), check=False).returncode


def run(stack: Stack, function: str, event: Path, seconds: float = 120) -> Invocation:
    """Runs `function` with the event in a file and returns what it answered."""
    done = subprocess.run(command(stack, function, filled(stack, event)), cwd=ROOT,
                          env=aws_environment(stack.endpoint), capture_output=True, text=True, timeout=seconds,
                          check=False)
    lines = done.stdout.strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else None
    except json.JSONDecodeError:
        answer = None
    return Invocation(done.returncode, answer, done.stdout + done.stderr)
