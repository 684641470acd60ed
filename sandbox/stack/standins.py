"""Starts the stand-ins of TestGorilla and SmartRecruiters, and names the journey's command."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from . import processes
from .description import Stack
from .progress import Failed, wait_for


def choose_addresses(stack: Stack) -> None:
    """Chooses the stand-ins' addresses and our credentials with them: the deployment needs them first."""
    stack.smartrecruiters_url = f"http://127.0.0.1:{stack.port('smartrecruiters')}"
    stack.testgorilla_url = f"http://127.0.0.1:{stack.port('testgorilla')}"
    stack.master_client_id = "sandbox-partner"
    stack.master_client_secret = secrets.token_hex(24)


def start(stack: Stack, binary: Path) -> None:
    """Starts both stand-ins and waits until they listen."""
    for partner in ("testgorilla", "smartrecruiters"):
        server = processes.start(partner, [str(binary), partner], environment(stack), stack.folder / f"{partner}.log",
                                 stack.folder)
        stack.started(server)
        wait_for(partner, lambda: _listens(stack.ports[partner]) or not processes.running(server), seconds=30)
        if not processes.running(server):
            raise Failed(f"{partner}: does not start, see {server.log}")


def environment(stack: Stack) -> dict[str, str]:
    """What the stand-ins and the journey are told of the stack."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "STACK_JSON": str(stack.folder / "stack.json"),
    }


def _listens(port: int) -> bool:
    """Whether somebody listens on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def journey(stack: Stack) -> list[str]:
    """The command that walks the journey on the stack."""
    return [str(stack.folder / "bin" / "sandbox"), "journey"]
