"""`make fuzz`: coverage-guided fuzzing of what reads outside bytes, for a given time."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from .progress import Failed, run, say
from .settings import LOCAL, ROOT, cargo_environment
from .supply_chain import CARGO, cargo_install

FOLDER = ROOT / "shared" / "domain" / "fuzz"
CARGO_FUZZ = "0.13.2"
# Longer texts than any that are taken.
LONGEST = 4096


def fuzz(seconds: int) -> None:
    """Fuzzes each target for `seconds`. What breaks one is kept in its folder `artifacts`, with the command that repeats it."""
    cargo_install("cargo-fuzz", CARGO_FUZZ)
    # libFuzzer's counters need a flag that a stable compiler takes under this name alone; the sanitizers are for unsafe code.
    env = {**cargo_environment(), "RUSTC_BOOTSTRAP": "1", "CARGO_TARGET_DIR": str(LOCAL / "fuzz"),
           "PATH": f"{CARGO / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    env.pop("CARGO_BUILD_TARGET")
    arguments = ["--fuzz-dir", str(FOLDER), "--sanitizer", "none"]
    run("Building the fuzzers", ["cargo", "fuzz", "build", *arguments], env)
    for target in targets():
        command = ["cargo", "fuzz", "run", *arguments, target, "--", f"-max_total_time={seconds}", f"-max_len={LONGEST}",
                   "-print_final_stats=1"]
        run(f"Fuzzing {target}", command, env, log=LOCAL / f"fuzz-{target}.log", at=r"^#(\d+)\s")
        say(f"  {executed(LOCAL / f'fuzz-{target}.log'):,} texts, none of which broke it")


def targets() -> list[str]:
    """The names of all fuzzers."""
    manifest = tomllib.loads((FOLDER / "Cargo.toml").read_text())
    return [binary["name"] for binary in manifest["bin"]]


def executed(log: Path) -> int:
    """How many texts the last run in a log has tried."""
    found = [line.rpartition(" ")[2] for line in log.read_text().splitlines() if line.startswith("stat::number_of_executed_units")]
    if not found:
        raise Failed(f"The fuzzer has said nothing of what it tried, see {log}")
    return int(found[-1])
