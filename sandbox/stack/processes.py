"""Servers of the local stack: started in sessions of their own, known by pid and start time, stopped with their children."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Below the ephemeral range, so that no outgoing connection takes a port between its choice and its use.
PORTS = range(20000, 32000)


@dataclass(frozen=True)
class Server:
    """A running server. `started` is its start time in clock ticks since boot: pids are used again, pairs are not."""

    name: str
    pid: int
    started: int
    log: str


def start(name: str, command: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path) -> Server:
    """Starts `command` in a session of its own, with its output in `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True)
    stat = _stat(process.pid)
    return Server(name, process.pid, stat.started if stat else 0, str(log))


def running(server: Server) -> bool:
    """Whether the server itself, not merely a child of it, is alive."""
    _reap(server.pid)
    stat = _stat(server.pid)
    return stat is not None and stat.started == server.started and stat.state != "Z"


def stop(server: Server, seconds: float = 10.0) -> None:
    """Ends the server and everything in its session. Does nothing when it is gone.

    The server is asked first and alone, so that it can end its children; what is left then is told to, then made to.
    """
    if running(server):
        _signal([server.pid], signal.SIGTERM)
        _wait(lambda: not _session(server), seconds)
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(_session(server), number)
        _wait(lambda: not _session(server), seconds)


def alive(pid: int, started: int) -> bool:
    """Whether the process with this pid and start time is alive."""
    return running(Server("", pid, started, ""))


def start_time(pid: int) -> int:
    """Start time of a living process in clock ticks since boot."""
    stat = _stat(pid)
    return stat.started if stat else 0


def free_port(taken: set[int]) -> int:
    """A port of the loopback interface that nothing listens on and that is not in `taken`; adds it there."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            if port not in taken and probe.connect_ex(("127.0.0.1", port)) != 0:
                taken.add(port)
                return port


@dataclass(frozen=True)
class _Stat:
    pid: int
    state: str
    session: int
    started: int


def _stat(pid: int) -> _Stat | None:
    """What the kernel says of a process, or None when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in brackets, may hold anything: the fields are counted from behind it.
    fields = text.rpartition(")")[2].split()
    return _Stat(pid, fields[0], int(fields[3]), int(fields[19]))


def _session(server: Server) -> list[int]:
    """Living processes of the server's session. A pid that leads a session is not given away while the session lives."""
    _reap(server.pid)
    leader = _stat(server.pid)
    if leader is not None and leader.started != server.started:
        return []
    return [stat.pid for stat in _all() if stat.session == server.pid and stat.state != "Z"]


def _all() -> Iterator[_Stat]:
    """All processes."""
    for entry in os.listdir("/proc"):
        stat = _stat(int(entry)) if entry.isdigit() else None
        if stat is not None:
            yield stat


def _signal(pids: list[int], number: signal.Signals) -> None:
    """Signals processes, of which any may be gone by now."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    """Waits until `condition` holds, `seconds` at most."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def _reap(pid: int) -> None:
    """Takes the exit code of a child that has ended, so that it does not stay as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
