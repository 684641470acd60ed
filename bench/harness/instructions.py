"""Instruction counts of the hot paths, by callgrind: the same on every run, so that a growth is a growth."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stack import progress, tools
from stack.progress import Failed, say
from stack.settings import cargo_environment

from .places import BENCH, LOCAL, TARGET

RECORDED = BENCH / "instructions.json"
PATHS = ("token-verification", "order-parsing", "listing-json", "callback-signature", "event-reading")
# As in instructions/src/main.rs.
TIMES = 50
MOST_GROWTH = 0.05
# Extensions that the hot paths' libraries look for at run time.
FLAGS = ("adx", "aes", "avx", "avx2", "avx512f", "bmi2", "erms", "fsrm", "pclmulqdq", "sha_ni", "sse4_2", "ssse3")


def check() -> None:
    """Raises `Failed` when a path has grown over what is recorded, by more than the tolerance."""
    if not RECORDED.exists():
        raise Failed("No instruction counts are recorded yet: `python -m harness record-instructions` records them.")
    found = json.loads(RECORDED.read_text())
    recorded = found["instructions"]
    counts, here = count(), _for()
    if found["for"] != here:
        # Which instructions a processor has decides which are used; and a compiler finds others.
        for name, now in counts.items():
            say(f"  {name:20} {now:10,.0f} instructions")
        say(f"Not compared: recorded for {found['for']}, and this is {here}.")
        return
    grown = []
    for name, now in counts.items():
        change = now / recorded[name] - 1
        say(f"  {name:20} {now:10,.0f} instructions, {change:+.1%}")
        if change > MOST_GROWTH:
            grown.append(name)
    if grown:
        raise Failed(f"More than {MOST_GROWTH:.0%} more instructions than recorded: {', '.join(grown)}. If that is meant: "
                     "`python -m harness record-instructions`.")


def record() -> None:
    """Records the counts of now."""
    counts = {name: round(number) for name, number in count().items()}
    RECORDED.write_text(json.dumps({"for": _for(), "instructions": counts}, indent=1) + "\n")
    for name, number in counts.items():
        say(f"  {name:20} {number:10,} instructions")


def _for() -> dict[str, str]:
    """What counts hold for."""
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    has = set(flags.group(1).split() if flags else [])
    return {"rustc": rustc, "processor": " ".join(flag for flag in FLAGS if flag in has)}


def count() -> dict[str, float]:
    """Instructions of one walk along each path."""
    tools.debian_packages({"valgrind": lambda: shutil.which("valgrind") is None})
    binary = _build()
    LOCAL.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return dict(zip(PATHS, pool.map(lambda name: _counted(binary, name), PATHS), strict=True))


def _build() -> Path:
    env = {key: value for key, value in cargo_environment().items() if key != "CARGO_BUILD_TARGET"}
    command = ["cargo", "build", "--locked", "--manifest-path", str(BENCH / "Cargo.toml"), "--target-dir", str(TARGET),
               "--profile", "counted", "--package", "instructions"]
    progress.run("Building the hot paths", command, env)
    return TARGET / "counted" / "instructions"


def _counted(binary: Path, name: str) -> float:
    output = LOCAL / f"callgrind.{name}"
    command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*instructions::counted*",
               f"--callgrind-out-file={output}", str(binary), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ.get("PATH", os.defpath)})
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or found is None or found.group(1) == "0":
        raise Failed(f"callgrind, {name}: {done.stderr}")
    return int(found.group(1)) / TIMES
