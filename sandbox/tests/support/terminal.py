"""The operator's command at a terminal: what it asks is answered by typing."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

CTRL_C = "\x03"
SECONDS = 60.0


@dataclass(frozen=True)
class Seen:
    """What a command came to, and all that its terminal has shown."""

    exit: int
    screen: str


def at_a_terminal(typed: Sequence[str], environment: dict[str, str], answers: Sequence[tuple[str, str]]) -> Seen:
    """Runs a command; as soon as the terminal shows the first half of an answer, the second half is typed."""
    ours, its = pty.openpty()
    process = subprocess.Popen(typed, env=environment, preexec_fn=lambda: os.login_tty(its), close_fds=True)
    os.close(its)
    try:
        screen, read_to = "", 0
        for question, answer in answers:
            while question not in screen[read_to:]:
                more = _shown(ours)
                assert more, (question, screen)
                screen += more
            read_to = len(screen)
            os.write(ours, answer.encode())
        while more := _shown(ours):
            screen += more
        return Seen(process.wait(SECONDS), screen)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _shown(terminal: int) -> str:
    """What the terminal shows next; nothing when the command has ended."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 1.0)[0]:
            try:
                return os.read(terminal, 4096).decode(errors="replace")
            except OSError:  # Linux says so when nobody has the other end open any more.
                return ""
    raise AssertionError(f"nothing was shown for {SECONDS} seconds")
