"""Builds the functions with `sam build`, and the stand-ins with cargo."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import progress
from .description import Stack
from .settings import LOCAL, RUST_TARGET, SAMCONFIG, build_folder, cargo_environment, target_folder


def functions(stack: Stack) -> None:
    """Builds the functions in debug mode into the stack's own build folder."""
    with _alone():
        progress.run("Building the functions",
                     ["sam", "build", "--config-file", str(SAMCONFIG), "--config-env", "local",
                      "--build-dir", str(build_folder(stack.name))],
                     cargo_environment(), log=stack.folder / "build.log", at=r"functions: (\w+)")


def stand_ins(stack: Stack) -> Path:
    """Builds the stand-ins and returns the stack's own copy of their binary, which a later build leaves alone."""
    copy = stack.folder / "bin" / "sandbox"
    copy.parent.mkdir(parents=True, exist_ok=True)
    with _alone():
        progress.run("Building the stand-ins", ["cargo", "build", "--locked", "--package", "sandbox"],
                     cargo_environment(), log=stack.folder / "build.log")
        shutil.copy2(target_folder() / RUST_TARGET / "debug" / "sandbox", copy)
    return copy


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time: cargo-lambda leaves its binaries in one place for all."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
