"""Builds what is deployed to AWS, and weighs it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from . import progress, sbom
from .settings import LOCAL, ROOT, SAMCONFIG, cargo_environment

FOLDER = ROOT / ".aws-sam" / "build"
# Initialisation time follows size.
LIMIT_MEGABYTES = 3.0
LARGEST = "consent"


def package() -> None:
    """Builds the functions in release mode into the folder that `sam deploy` takes, and prints each zip's size."""
    env = {key: value for key, value in cargo_environment().items() if key not in ("SAM_BUILD_MODE", "CARGO_LAMBDA_COMPILER")}
    progress.run("Building the functions for AWS",
                 ["sam", "build", "--config-file", str(SAMCONFIG), "--config-env", "production"], env,
                 at=r"functions: (\w+)")
    sizes = {path.parent.name: megabytes(path) for path in sorted(FOLDER.glob("*Function/bootstrap"))}
    for function, size in sizes.items():
        progress.say(f"{function:22} {size:6.2f} MB zipped")
    if sizes and max(sizes, key=lambda function: sizes[function]) != f"{LARGEST.title()}Function":
        raise progress.Failed(f"The largest function is no longer {LARGEST}: `make test` would weigh the wrong one.")
    heavy = [function for function, size in sizes.items() if size > LIMIT_MEGABYTES]
    if heavy:
        raise progress.Failed(f"Over {LIMIT_MEGABYTES} MB: {', '.join(heavy)}")
    sbom.write(LOCAL / "sbom", FOLDER)


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
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.write(binary, "bootstrap")
    return len(buffer.getvalue()) / 1e6
