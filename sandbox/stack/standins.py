"""Starts the proxy and the stand-ins of TestGorilla and SmartRecruiters, and names the journey's command."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from . import processes
from .deploy import parameters
from .description import Stack
from .progress import Failed, wait_for


def choose_addresses(stack: Stack) -> None:
    """Chooses all addresses and our credentials: the emulated AWS and the deployment need them first."""
    stack.proxy_url = f"http://127.0.0.1:{stack.port('proxy')}"
    stack.smartrecruiters_url = f"http://127.0.0.1:{stack.port('smartrecruiters')}"
    stack.testgorilla_url = f"http://127.0.0.1:{stack.port('testgorilla')}"
    stack.master_client_id = "sandbox-partner"
    stack.master_client_secret = secrets.token_hex(24)


def start_proxy(stack: Stack, binary: Path) -> None:
    """Starts the proxy before the emulated AWS, which is up, and waits until it listens."""
    _start(stack, binary, "proxy", ["--upstream", stack.endpoint], {})


def start(stack: Stack, binary: Path) -> None:
    """Starts both stand-ins and waits until they listen."""
    callbacks = ["--callback-url", f"{stack.api_url}/callbacks/testgorilla"]
    _start(stack, binary, "testgorilla", callbacks, {"SANDBOX_CALLBACK_SECRET": stack.callback_secret})
    partner = ["--master-client-id", stack.master_client_id, "--testgorilla-url", stack.testgorilla_url]
    _start(stack, binary, "smartrecruiters", partner, {"SANDBOX_MASTER_CLIENT_SECRET": stack.master_client_secret})


def journey(stack: Stack) -> list[str]:
    """The command that walks the journey on the stack."""
    return [str(stack.folder / "bin" / "sandbox"), "journey", "--product-url", stack.api_url, "--testgorilla-url",
            stack.testgorilla_url, "--smartrecruiters-url", stack.smartrecruiters_url, "--invitation-delay",
            parameters(stack)["InvitationDelaySeconds"]]


def _start(stack: Stack, binary: Path, part: str, options: list[str], secret: dict[str, str]) -> None:
    """Starts one of them. Its secret is no argument: those can be read by everyone on the machine."""
    port = stack.ports[part]
    env = {"PATH": os.environ.get("PATH", os.defpath), **secret}
    server = processes.start(part, [str(binary), part, "--listen", f"127.0.0.1:{port}", *options], env,
                             stack.folder / f"{part}.log", stack.folder)
    stack.started(server)
    wait_for(part, lambda: _listens(port) or not processes.running(server), seconds=30)
    if not processes.running(server):
        raise Failed(f"{part}: does not start, see {server.log}")


def _listens(port: int) -> bool:
    """Whether somebody listens on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
