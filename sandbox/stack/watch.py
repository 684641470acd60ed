"""`make watch`: whenever a source file changes, the functions are rebuilt, and those that came out different are swapped in the local stack."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from . import build, swap
from .description import Stack
from .progress import Failed, run, say
from .settings import ROOT, RUST_TARGET, build_folder, cargo_environment, target_folder

PAUSE_SECONDS = 0.3
# Where the functions' sources are; what else lies there does not change a binary.
SOURCES = ("functions", "shared")
KINDS = {".rs", ".toml", ".html", ".css", ".js"}
ALONE = ("Cargo.toml", "Cargo.lock")

Times = dict[Path, int]


def watch(stack: Stack) -> None:
    """Builds and swaps until Ctrl-C. What does not compile is told, and the stack stays as it is."""
    say(f"Watching {', '.join(SOURCES)} for the stack {stack.name}; Ctrl-C ends it.")
    before: Times = {}
    while True:
        after = times()
        if after != before:
            changed = [path for path in after if before and before.get(path) != after[path]]
            for path in changed[:3]:
                say(f"Changed: {path.relative_to(ROOT)}")
            _round(stack)
            before = after
        time.sleep(PAUSE_SECONDS)


def times() -> Times:
    """When each source file was last changed."""
    found = {path: _time(path) for path in _sources()}
    return {path: changed for path, changed in found.items() if changed is not None}


def swapped(stack: Stack) -> list[str]:
    """Swaps the functions whose binary is another one than the stack's, and returns them.

    The binary also goes where `sam local invoke` finds it.
    """
    done = []
    for binary, deployed in _binaries(stack):
        if _hash(binary) != _hash(deployed):
            function = deployed.parent.name
            version = swap.swap(stack, function, binary)
            shutil.copy2(binary, deployed)
            done.append(f"{function} (version {version})")
    return done


def _round(stack: Stack) -> None:
    """One build, and what follows from it."""
    started = time.monotonic()
    packages = [option for binary, _ in _binaries(stack) for option in ("--package", binary.name)]
    try:
        with build.alone():
            run("Building the functions", ["cargo", "build", "--locked", "--bins", *packages], cargo_environment())
    except Failed as failure:
        say(f"{failure}; the stack stays as it is.")
        return
    done = swapped(stack)
    say(f"{', '.join(done) or 'Nothing to swap'}: {time.monotonic() - started:.1f} s after the change")


def _binaries(stack: Stack) -> Iterator[tuple[Path, Path]]:
    """Where cargo puts each function's binary, and where the stack's own copy is."""
    for deployed in sorted(build_folder(stack.name).glob("*Function/bootstrap")):
        name = deployed.parent.name.removesuffix("Function").lower()
        yield target_folder() / RUST_TARGET / "debug" / name, deployed


def _time(path: Path) -> int | None:
    """When a file was last changed; None when an editor is just putting another one in its place."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _sources() -> Iterator[Path]:
    """Every file that a function may be made of."""
    for folder in SOURCES:
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)
    yield from (ROOT / name for name in ALONE)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
