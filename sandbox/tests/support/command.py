"""The operator's command, as it is typed: built once for the session, run against the deployed stack."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack import deploy
from stack.description import Stack
from stack.settings import REGION, aws_environment

from .terminal import Seen, at_a_terminal

SECONDS = 120.0

# Exit codes, as ops/README.md lists them.
FINE, WRONG, USAGE, CREDENTIALS, NO_STACK, HALF_DEPLOYED, PARTNER, NOT_FOUND, AWS, DECLINED, NOT_NOW = range(11)
INTERRUPTED = 130


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer of a command that was run with --json."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """What it says when it comes to nothing: the last line of standard error."""
        lines = self.err.strip().splitlines()
        return lines[-1] if lines else ""


@dataclass(frozen=True)
class Command:
    """The built command, and the stack that it is for."""

    binary: Path
    stack: Stack

    def run(self, *arguments: str, given: str = "", **variables: str) -> Ran:
        """Runs a command; `given` is piped in. Variables that are empty are unset."""
        process = self.start(*arguments, **variables)
        out, err = process.communicate(given, timeout=SECONDS)
        return Ran(process.returncode, out, err)

    def asks(self, *arguments: str, given: str = "") -> Any:
        """Runs a command that goes well, and returns its answer."""
        ran = self.run("--json", *arguments, given=given)
        assert ran.exit == FINE, ran
        return ran.json

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Starts a command and does not wait for it."""
        return subprocess.Popen([str(self.binary), *arguments], env=self._environment(variables), text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def interrupted(self, *arguments: str, when: Callable[[], object]) -> Ran:
        """Starts a command and presses Ctrl-C when something is so."""
        process = self.start(*arguments)
        try:
            when()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
        return Ran(process.returncode, out, err)

    def at_a_terminal(self, *arguments: str, answers: Sequence[tuple[str, str]], then: str = "") -> Seen:
        """Runs a command at a terminal, and `then` in the same one, where its questions are answered."""
        typed = [str(self.binary), *arguments]
        if then:
            typed = ["bash", "-c", f"trap : INT; {shlex.join(typed)}; exit=$?; {then}; exit $exit"]
        return at_a_terminal(typed, {"TERM": "xterm", "PATH": os.environ["PATH"], **self._environment({})}, answers)

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        whole = {
            **aws_environment(self.stack.endpoint),
            "AWS_REGION": REGION,
            "HOME": str(self.stack.folder),
            "OPS_STACK_NAME": deploy.cloudformation_name(self.stack),
            # The emulated AWS says another address in the stack's output than the one it listens to.
            "OPS_API_URL": self.stack.api_url,
            **variables,
        }
        return {name: value for name, value in whole.items() if value}
