"""Kills a function's process by SIGKILL in the midst of a call that it has made."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.control import Control
from support.polling import eventually

from stack.description import Stack

# How long a call is held, in milliseconds, so that its process can be found meanwhile.
HELD_MS = 3_000


@dataclass(frozen=True)
class Moment:
    """A call in whose midst the process dies: before its effect, or after it and before the answer."""

    control: Control
    operation: str
    # The function, account or company that the call is of.
    whose: str
    after_effect: bool
    # Something that the call's body holds.
    about: str = ""


def kill(stack: Stack, moment: Moment, within: float = 6.0) -> bool:
    """Kills the process that makes the next such call; False when nobody made one in time."""
    moment.control.post("faults", {"operation": moment.operation, "account": moment.whose, "kind": "slow",
                                   "delay_ms": HELD_MS, "after_effect": moment.after_effect, "about": moment.about})
    try:
        return eventually(lambda: _kill_held(stack, moment), within=within, pause=0.05)
    except AssertionError:
        return False
    finally:
        moment.control.delete(f"faults?account={moment.whose}", None)


def _kill_held(stack: Stack, moment: Moment) -> bool:
    """Kills the process of a call that is held now, when there is one."""
    for call in moment.control.get("held"):
        if (call["operation"], call["account"]) != (moment.operation, moment.whose):
            continue
        process = _process_of(stack, call["port"])
        if process is not None:
            os.kill(process, signal.SIGKILL)
            return True
    return False


def _process_of(stack: Stack, port: int) -> int | None:
    """The function's process that has a connection from this port."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    return next((process for process in functions_processes(stack) if sockets & set(_open_files(process))), None)


def functions_processes(stack: Stack) -> Iterator[int]:
    """The processes of this stack's functions: children of its emulated AWS that serve a function."""
    [parent] = [server.pid for server in stack.servers if server.name == "ministack"]
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            is_function = b"\0AWS_LAMBDA_FUNCTION_NAME=" in (folder / "environ").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and is_function:
            yield int(folder.name)


def _inodes(port: int) -> Iterator[str]:
    """Sockets of this machine whose own end has the port."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _open_files(process: int) -> Iterator[str]:
    try:
        for file in Path(f"/proc/{process}/fd").iterdir():
            try:
                yield os.readlink(file)
            except OSError:
                continue
    except OSError:
        return
