"""Commands that report while they run: no phase is silent for more than a few seconds."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .settings import ROOT

SILENCE_SECONDS = 8.0
# What a command that is ended may take to end what it has started.
ENDING_SECONDS = 30.0


class Failed(Exception):
    """A phase failed; the message is for the person at the terminal."""


def say(line: str = "") -> None:
    """Prints one line at once."""
    print(line, flush=True)


def run(title: str, command: Sequence[str], env: Mapping[str, str], *, log: Path | None = None, show: bool = False,
        at: str = r"(\w.*)") -> None:
    """Runs `command` in the repository's root, prints its duration, and raises `Failed` unless it ends with 0.

    With `show` its lines are printed as they come; otherwise they are kept for the case of failure, and in `log`.
    A long silence is broken by what the group in the pattern `at` last matched.
    """
    started = time.monotonic()
    say(f"{title} ...")
    process = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    last: deque[str] = deque(maxlen=60)
    try:
        with log.open("a") if log else _Nowhere() as file:
            _follow(title, lines, last, started, show, re.compile(at), file.write)
        code = process.wait()
    except BaseException:
        # The command's own children too: a build leaves compilers behind.
        _end(process)
        raise
    if code != 0:
        if not show:
            say("\n".join(last))
        raise Failed(f"{title}: failed (exit code {code}){f', see {log}' if log else ''}")
    if not show:
        say(f"{title}: done in {time.monotonic() - started:.0f} s")


def wait_for(title: str, condition: Callable[[], bool], seconds: float) -> None:
    """Waits until `condition` holds, with a line every few seconds; raises `Failed` after `seconds`."""
    started = reported = time.monotonic()
    while not condition():
        now = time.monotonic()
        if now - started > seconds:
            raise Failed(f"{title}: not there after {seconds:.0f} s")
        if now - reported > SILENCE_SECONDS:
            reported = now
            say(f"  {title}: waiting for {now - started:.0f} s")
        time.sleep(0.1)


def _end(process: subprocess.Popen[str]) -> None:
    """Ends a command and its children: it is asked to, then made to."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(timeout=ENDING_SECONDS)
            return


def _follow(title: str, lines: queue.Queue[str | None], last: deque[str], started: float, show: bool,
            at: re.Pattern[str], write: Callable[[str], object]) -> None:
    """Takes the lines of a command until it closes its output."""
    spoke = time.monotonic()
    where = "no output yet"
    while True:
        try:
            line = lines.get(timeout=1)
        except queue.Empty:
            line = ""
        if line is None:
            return
        if line:
            write(line)
            last.append(line.rstrip())
            found = at.search(line)
            where = found.group(1)[:80] if found else where
            if show:
                print(line, end="", flush=True)
                spoke = time.monotonic()
        if time.monotonic() - spoke > SILENCE_SECONDS:
            spoke = time.monotonic()
            say(f"  {title}: {spoke - started:.0f} s ({where})")


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    """Moves a command's output into `lines`; None marks its end."""
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


class _Nowhere:
    """Stands in for a log that nobody asked for."""

    def __enter__(self) -> _Nowhere:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def write(self, line: str) -> None:
        """Drops the line."""
