"""`make package`: what is deployed to AWS, and beside it what it is made of and the hash of each file."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from . import build, progress, sbom
from .settings import BUILT, LOCAL, RUST_TARGETS, SAMCONFIG, cargo_environment
from .swap import zipped

FOLDER = BUILT
# As sha256sum writes and reads it.
CHECKSUMS = "SHA256SUMS"
# Initialisation time follows size.
LIMIT_MEGABYTES = 3.0
LARGEST = "reconcile"
# What another function may be larger: it is the same code but for a few kilobytes.
ALIKE_MEGABYTES = 0.1


def package(architecture: str = "x86_64") -> None:
    """Builds the functions in release mode into the folder that `sam deploy` takes, and prints each zip's size.

    The zips themselves, which the same binaries always make the same, lie in `.local/package/<architecture>` for whoever
    deploys them elsewhere.
    """
    if architecture not in RUST_TARGETS:
        raise progress.Failed(f"There is no architecture {architecture}; there are {' and '.join(RUST_TARGETS)}.")
    env = {key: value for key, value in cargo_environment().items() if key not in ("SAM_BUILD_MODE", "CARGO_LAMBDA_COMPILER")}
    with build.alone():
        progress.run(f"Building the functions for AWS, {architecture}",
                     ["sam", "build", "--config-file", str(SAMCONFIG), "--config-env", "production", "--parameter-overrides",
                      f"Architecture={architecture}"], env, at=r"functions: (\w+)")
    folder = LOCAL / "package" / architecture
    shutil.rmtree(folder, ignore_errors=True)
    sizes = {}
    for binary in sorted(FOLDER.glob("*Function/bootstrap")):
        zipfile = write(folder / f"{binary.parent.name}.zip", zipped(binary))
        sizes[binary.parent.name] = zipfile.stat().st_size / 1e6
        progress.say(f"{binary.parent.name:22} {sizes[binary.parent.name]:6.2f} MB zipped")
    is_weighed_right(sizes)
    heavy = [function for function, size in sizes.items() if size > LIMIT_MEGABYTES]
    if heavy:
        raise progress.Failed(f"Over {LIMIT_MEGABYTES} MB: {', '.join(heavy)}")
    sbom.write(folder, FOLDER, architecture)
    checksums(folder)


def is_weighed_right(sizes: dict[str, float]) -> None:
    """Fails when another function than the one that `make test` weighs is the largest by more than a hair."""
    if max(sizes.values()) > sizes[f"{LARGEST.title()}Function"] + ALIKE_MEGABYTES:
        raise progress.Failed(f"The largest function is no longer {LARGEST}: `make test` would weigh the wrong one.")


def weigh_largest() -> None:
    """Builds the largest function as it is deployed, and weighs it: within the tests there is no time for all, which share its code."""
    env = {key: value for key, value in cargo_environment().items() if key != "SAM_BUILD_MODE"}
    folder = LOCAL / "largest"
    progress.run(f"Building {LARGEST} as it is deployed",
                 ["cargo", "lambda", "build", "--release", "--locked", "--bin", LARGEST, "--lambda-dir", str(folder)], env)
    size = megabytes(folder / LARGEST / "bootstrap")
    progress.say(f"{LARGEST:22} {size:6.2f} MB zipped, of {LIMIT_MEGABYTES} MB")
    if size > LIMIT_MEGABYTES:
        raise progress.Failed(f"{LARGEST} is over {LIMIT_MEGABYTES} MB.")


def megabytes(binary: Path) -> float:
    """Size of the zip that holds `binary`."""
    return len(zipped(binary)) / 1e6


def checksums(folder: Path) -> None:
    """Writes the hash of every file: `sha256sum --check SHA256SUMS` compares them."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
             for path in sorted(folder.iterdir()) if path.name != CHECKSUMS]
    write(folder / CHECKSUMS, "".join(lines).encode())
    progress.say(f"  {folder / CHECKSUMS}")


def write(path: Path, content: bytes) -> Path:
    """Writes a file, and its folder where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
