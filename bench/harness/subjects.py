"""What is measured: the product's functions, and the others beside them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from stack import package, progress, tools
from stack.settings import cargo_environment

from .places import BENCH, LOCAL, ROOT, TARGET, VENV

# Lambda's processor shares: microseconds in each slice of 20 ms. A whole one comes with 1,769 MB.
SHARES: dict[str, int | None] = {"full": None, "256": 2895, "128": 1448}

OURS = ("assessments", "callbacks", "consent", "invitations", "orders", "reconcile", "results", "token")


@dataclass(frozen=True)
class Subject:
    """A function that can be started."""

    name: str
    command: tuple[str, ...]
    # Bytes of what would be uploaded, where that is one binary.
    binary: Path | None = None


def product(functions: Path | None) -> Path:
    """Where the product's binaries are, as `make package` leaves them: there already, or built now."""
    if functions is None:
        package.package()
    return functions or package.FOLDER


def build(functions: Path) -> dict[str, Subject]:
    """All of them: the product's from there, the others built now."""
    ours = {name: _copy(functions / f"{name.title()}Function" / "bootstrap", name) for name in OURS}
    _cargo("Building the empty function", "release", "--package", "empty")
    _cargo("Building the handlers with the SDK's defaults", "usual", "--package", "usual")
    tools.environment(VENV, BENCH / "python" / "requirements.txt")
    subjects = {name: Subject(name, (str(path),), path) for name, path in ours.items()}
    subjects["empty"] = _rust("empty", TARGET / "release" / "empty")
    for name in ("orders", "listing"):
        subjects[f"usual-{name}"] = _rust(f"usual-{name}", TARGET / "usual" / f"usual-{name}")
        command = (str(VENV / "bin" / "python"), "-m", "awslambdaric", f"{name}.handler")
        subjects[f"python-{name}"] = Subject(f"python-{name}", command)
    return subjects


def driver() -> Path:
    """Builds what runs them."""
    _cargo("Building the driver", "driver", "--package", "driver")
    return TARGET / "driver" / "driver"


def _cargo(title: str, profile: str, *what: str) -> None:
    env = {key: value for key, value in cargo_environment().items() if key != "CARGO_BUILD_TARGET"}
    command = ["cargo", "build", "--locked", "--manifest-path", str(BENCH / "Cargo.toml"), "--target-dir", str(TARGET),
               "--profile", profile, *what]
    progress.run(title, command, env)


def _rust(name: str, built: Path) -> Subject:
    return Subject(name, (str(built),), built)


def _copy(binary: Path, name: str) -> Path:
    """A copy that a later build leaves alone, under a name that `ps` shows."""
    if not binary.exists():
        raise progress.Failed(f"{binary.relative_to(ROOT) if binary.is_relative_to(ROOT) else binary} is not built.")
    copy = LOCAL / "functions" / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(binary, copy)
    return copy
