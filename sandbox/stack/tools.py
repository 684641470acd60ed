"""Installs what the local stack needs and is missing. Runs on the system's Python, with nothing but its library."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .progress import Failed, run, say
from .settings import AWS_CLI, LOCAL, MINISTACK, ROOT, TOOLS

REQUIREMENTS = Path(__file__).resolve().parent / "requirements"

# Debian package -> whether it is missing.
PACKAGES: dict[str, Callable[[], bool]] = {
    "gcc": lambda: shutil.which("cc") is None,
    "libc6-dev": lambda: not Path("/usr/include/stdio.h").exists(),
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is None,
}
# What the browser tests need besides. Its sandbox is for everyone but root.
BROWSER: dict[str, Callable[[], bool]] = {
    name: lambda: shutil.which("chromium") is None for name in ("chromium", "chromium-sandbox")
}

# What the commands of docs/operations.md need besides the AWS command line.
WALK: dict[str, Callable[[], bool]] = {
    "curl": lambda: shutil.which("curl") is None,
}


def debian_packages(packages: dict[str, Callable[[], bool]]) -> None:
    """Installs the Debian packages that are missing."""
    missing = [name for name, is_missing in packages.items() if is_missing()]
    if not missing:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (prefix and shutil.which("sudo") is None):
        raise Failed(f"Please install what these Debian packages hold: {' '.join(missing)}")
    say(f"Installing Debian packages: {' '.join(missing)}")
    run("apt-get update", [*prefix, "apt-get", "update", "-q"], os.environ)
    install = [*prefix, "apt-get", "install", "-q", "-y", "--no-install-recommends", *missing]
    run("apt-get install", install, os.environ)


def browser() -> None:
    """Installs the browser of the tests; two runs at the same time wait for each other."""
    with _alone():
        debian_packages(BROWSER)


def walk() -> None:
    """Installs what the commands of docs/operations.md need; two runs at the same time wait for each other."""
    with _alone():
        debian_packages(WALK)
        environment(AWS_CLI, REQUIREMENTS / "aws-cli.txt")


def environment(folder: Path, requirements: Path) -> None:
    """Creates a virtual environment, unless it already holds exactly what `requirements` lists."""
    stamp = folder / "installed"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    name = folder.relative_to(ROOT)
    run(f"Creating {name}", [sys.executable, "-m", "venv", str(folder)], os.environ)
    # Every package is listed with its hashes, so there is nothing left to resolve.
    install = [str(folder / "bin" / "pip"), "install", "--disable-pip-version-check", "--no-deps", "--require-hashes",
               "--only-binary", ":all:", "--requirement", str(requirements)]
    run(f"Installing {requirements.name} into {name}", install, os.environ)
    stamp.write_text(wanted)


@contextmanager
def _alone() -> Iterator[None]:
    """One installation at a time."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "tools.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Installs everything; two runs at the same time wait for each other."""
    with _alone():
        try:
            if sys.version_info < (3, 11):
                raise Failed("Python 3.11 or later is needed.")
            if shutil.which("cargo") is None:
                raise Failed("Rust is needed: install it with rustup (https://rustup.rs), version 1.95 or later.")
            debian_packages(PACKAGES)
            environment(TOOLS, REQUIREMENTS / "tools.txt")
            environment(MINISTACK, REQUIREMENTS / "ministack.txt")
        except Failed as error:
            say(str(error))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
