"""Starts MiniStack, the emulated AWS. It keeps its state in memory and its files in the stack's folder."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

from . import processes
from .description import Stack
from .progress import Failed, wait_for
from .settings import MINISTACK, REGION

ATTEMPTS = 3


def start(stack: Stack) -> None:
    """Starts MiniStack on a free loopback port; another port is tried when somebody was faster."""
    for _ in range(ATTEMPTS):
        server = _start(stack)
        try:
            wait_for("emulated AWS", lambda: _ready(stack.endpoint) or not processes.running(server), seconds=60)
        except Failed:
            processes.stop(server)
            raise
        if processes.running(server):
            return
        stack.ports.pop("aws")
    raise Failed(f"emulated AWS: does not start, see {stack.folder / 'ministack.log'}")


def _start(stack: Stack) -> processes.Server:
    """Starts one MiniStack process."""
    port = stack.port("aws")
    stack.endpoint = f"http://127.0.0.1:{port}"
    temporary = stack.folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    # The functions inherit this environment: nothing of the caller's is in it. The endpoint must be, or they
    # would call the real AWS. It is the proxy's, through which they call this process.
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AWS_ENDPOINT_URL": stack.proxy_url,
        "AWS_DEFAULT_REGION": REGION,
        # What `sam local invoke` gives a function where the shell has no credentials.
        "AWS_ACCESS_KEY_ID": "defaultkey",
        "AWS_SECRET_ACCESS_KEY": "defaultsecret",
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "false",
        # Policies are enforced: a function that lacks a permission fails here too. The keys "test" and "defaultkey" may do all.
        "AUTH": "true",
    }
    server = processes.start("ministack", [str(MINISTACK / "bin" / "ministack")], env, stack.folder / "ministack.log",
                             temporary)
    stack.started(server)
    return server


def _ready(endpoint: str) -> bool:
    """Whether MiniStack answers."""
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
