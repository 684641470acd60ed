"""Installs what the local stack needs and is missing. Runs on the system's Python, with nothing but its library."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LOCAL = FOLDER.parents[1] / ".local"
ENVIRONMENTS = {"venv-tools": "tools.txt", "venv-ministack": "ministack.txt"}

# Debian package -> whether it is missing.
PACKAGES = {
    "gcc": lambda: shutil.which("cc") is None,
    "libc6-dev": lambda: not Path("/usr/include/stdio.h").exists(),
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is None,
}


class Missing(Exception):
    """Something is missing that this script cannot or may not install."""


def say(line: str) -> None:
    """Prints one line of progress at once."""
    print(line, flush=True)


def run(what: str, command: list[str]) -> None:
    """Runs `command` quietly, with a line every few seconds; shows its output when it fails."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while True:
        try:
            output, _ = process.communicate(timeout=8)
            break
        except subprocess.TimeoutExpired:
            say(f"  {what}: {time.monotonic() - started:.0f} s")
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise Missing(f"{what} failed:\n{output}")


def debian_packages() -> None:
    """Installs the Debian packages that are missing."""
    missing = [name for name, is_missing in PACKAGES.items() if is_missing()]
    if not missing:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (prefix and shutil.which("sudo") is None):
        raise Missing(f"Please install what these Debian packages hold: {' '.join(missing)}")
    say(f"Installing Debian packages: {' '.join(missing)}")
    run("apt-get update", [*prefix, "apt-get", "update", "-q"])
    run("apt-get install", [*prefix, "apt-get", "install", "-q", "-y", "--no-install-recommends", *missing])


def environment(name: str, requirements: Path) -> None:
    """Creates the virtual environment `name`, unless it already holds exactly what `requirements` lists."""
    folder = LOCAL / name
    stamp = folder / "installed"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installing {requirements.stem} into {folder.relative_to(LOCAL.parent)} (once)")
    shutil.rmtree(folder, ignore_errors=True)
    run(name, [sys.executable, "-m", "venv", str(folder)])
    # Every package is listed with its hashes, so there is nothing left to resolve.
    run(name, [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "--no-deps",
               "--require-hashes", "--only-binary", ":all:", "--requirement", str(requirements)])
    stamp.write_text(wanted)


def main() -> int:
    """Installs everything; two runs at the same time wait for each other."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "tools.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if sys.version_info < (3, 11):
                raise Missing("Python 3.11 or later is needed.")
            if shutil.which("cargo") is None:
                raise Missing("Rust is needed: install it with rustup (https://rustup.rs), version 1.95 or later.")
            debian_packages()
            for name, requirements in ENVIRONMENTS.items():
                environment(name, FOLDER / "requirements" / requirements)
        except Missing as error:
            say(str(error))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
