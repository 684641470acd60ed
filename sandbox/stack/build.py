"""Builds the functions with `sam build`, the stand-ins and the operator's command with cargo."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import progress
from .description import Stack
from .settings import ASIDE, BUILT, LOCAL, RUST_TARGET, SAMCONFIG, build_folder, cargo_environment, target_folder


def functions(stack: Stack) -> None:
    """Builds the functions in debug mode into the stack's own build folder."""
    with alone():
        progress.run("Building the functions",
                     ["sam", "build", "--config-file", str(SAMCONFIG), "--config-env", "local",
                      "--build-dir", str(build_folder(stack.name))],
                     cargo_environment(), log=stack.folder / "build.log", at=r"functions: (\w+)")


def stand_ins(stack: Stack) -> Path:
    """Builds the stand-ins and returns the stack's own copy of their binary, which a later build leaves alone."""
    return _binary(stack, "Building the stand-ins", "sandbox")


def ops(stack: Stack) -> Path:
    """Builds the operator's command and returns the stack's own copy of it."""
    return _binary(stack, "Building the operator's command", "ops")


def _binary(stack: Stack, title: str, package: str) -> Path:
    """Builds a package's binary of the same name and copies it to the stack."""
    copy = stack.folder / "bin" / package
    copy.parent.mkdir(parents=True, exist_ok=True)
    with alone():
        progress.run(title, ["cargo", "build", "--locked", "--package", package], cargo_environment(),
                     log=stack.folder / "build.log")
        # Renamed into place: somebody may be running the one that is there.
        temporary = copy.with_suffix(f".{os.getpid()}")
        shutil.copy2(target_folder() / RUST_TARGET / "debug" / package, temporary)
        temporary.replace(copy)
    return copy


@contextmanager
def alone() -> Iterator[None]:
    """One build at a time: cargo-lambda leaves its binaries in one place for all."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # A test that builds into the plain folder was killed before it could put back what was there.
        if ASIDE.exists():
            shutil.rmtree(BUILT, ignore_errors=True)
            ASIDE.rename(BUILT)
        yield
