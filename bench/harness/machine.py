"""Where and with what something was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .places import BENCH, ROOT


def describe() -> dict[str, Any]:
    """The machine, the commit, the versions."""
    return {
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "kernel": _kernel(),
                    "control_groups": 2 if Path("/sys/fs/cgroup/cgroup.controllers").exists() else 1},
        "load_at_start": round(os.getloadavg()[0], 2),
        "commit": _output("git", "rev-parse", "--short", "HEAD"),
        "changed_files": len(_output("git", "status", "--porcelain", "--untracked-files=no").splitlines()),
        "versions": {
            "rustc": _output("rustc", "--version").split(" ")[1],
            "python": platform.python_version(),
            **_locked(ROOT / "Cargo.lock", "", ("lambda_runtime", "lambda_http", "aws-sdk-dynamodb", "rustls", "ring", "tokio")),
            **_locked(BENCH / "Cargo.lock", "beside: ", ("lambda_runtime", "aws-sdk-dynamodb", "aws-lc-rs", "aws-config")),
            **_pinned(),
        },
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _kernel() -> str:
    """The kernel's version; what its builder has added to it says nothing about the figures."""
    return platform.release().partition("-")[0]


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _locked(lock: Path, prefix: str, names: tuple[str, ...]) -> dict[str, str]:
    """Versions in a Cargo.lock."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.read_text().splitlines():
        key, _, value = line.partition(" = ")
        if key == "name":
            name = value.strip('"')
        elif key == "version" and name in names:
            found[prefix + name] = value.strip('"')
    return found


def _pinned() -> dict[str, str]:
    lines = (BENCH / "python" / "requirements.in").read_text().splitlines()
    return {name: version for name, _, version in (line.partition("==") for line in lines) if version}
