#!/usr/bin/env python3
"""Plants faults in the product, one at a time, and sees whether its tests or the simulator catch them.

Works on a copy of the workspace. Each fault replaces one text that occurs exactly once in a file; then the crate's tests and, for the
domain, a number of simulated histories run until one of them fails. A fault that nothing catches must say in its list why.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DOMAIN = "shared/domain/"
# The crates whose tests need no server, with what `cargo test` is to run of them.
TESTS = {
    DOMAIN: ["-p", "domain"],
    "shared/aws/": ["-p", "aws"],
    "shared/partners/": ["-p", "partners"],
    "shared/runtime/": ["-p", "runtime", "-p", "partners"],
}
LEAST_CAUGHT = 0.95
# A test or a history that goes round in circles is caught, too.
LONGEST = 600


@dataclass(frozen=True)
class Fault:
    """One fault, and how it is planted."""

    name: str
    file: str
    find: str
    put: str
    breaks: str
    survives: str = ""
    first: str = "simulator"

    def plant(self, copy: Path) -> str:
        """Changes the copy; returns the file as it was."""
        path = copy / self.file
        text = path.read_text()
        if text.count(self.find) != 1:
            sys.exit(f"{self.name}: the text is found {text.count(self.find)} times in {self.file}, not once")
        path.write_text(text.replace(self.find, self.put))
        return text


def read_faults(words: list[str]) -> list[Fault]:
    """All faults whose name or file has one of the words, in the order of the lists."""
    faults = []
    for path in sorted(HERE.glob("faults/*.toml")):
        listed = tomllib.loads(path.read_text())
        common = {name: value for name, value in listed.items() if name != "fault"}
        faults += [Fault(**{**common, **one}) for one in listed["fault"]]
    names = [fault.name for fault in faults]
    if twice := {name for name in names if names.count(name) > 1}:
        sys.exit(f"listed twice: {', '.join(sorted(twice))}")
    return [fault for fault in faults if not words or any(word in fault.name or word in fault.file for word in words)]


def copy_workspace(copy: Path) -> None:
    """Copies what git knows or would add; what is gone here goes there, and what is the same keeps its time."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for old in (copy / "shared").rglob("*.rs"):
        if str(old.relative_to(copy)) not in wanted:
            old.unlink()
    for name in sorted(wanted):
        source, target = ROOT / name, copy / name
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


class Runner:
    """Builds and runs in the copy."""

    def __init__(self, copy: Path, options: argparse.Namespace) -> None:
        self.copy, self.options = copy, options
        # Optimised a little: the simulator runs longer than it builds.
        self.env = {"CARGO_TERM_COLOR": "never", "CARGO_INCREMENTAL": "1", **os.environ,
                    "CARGO_TARGET_DIR": str(copy / "target"), "CARGO_PROFILE_DEV_DEBUG": "0",
                    "CARGO_PROFILE_SIMULATE_INHERITS": "dev", "CARGO_PROFILE_SIMULATE_OPT_LEVEL": "1"}

    def tests(self, file: str) -> str | None:
        """The first test that fails; `None` when none does."""
        crate = next(which for folder, which in TESTS.items() if file.startswith(folder))
        if shutil.which("cargo-nextest"):
            command = ["nextest", "run", "--cargo-quiet"]
            caught = r"^\s*(?:FAIL|ABORT|SIG\w+|TIMEOUT) \[.*?\] +(?:\(.*?\) +)?(\S+ \S+)"
        else:
            command, caught = ["test", "--quiet"], r"^---- (.+) stdout ----"
        return self._run([*command, *crate, "--lib", "--tests"], caught)

    def simulator(self) -> str | None:
        """The first promise that is not kept; `None` when all are."""
        command = ["run", "--quiet", "--profile", "simulate", "-p", "simulation", "--bin", "simulate", "--",
                   "--histories", str(self.options.histories), "--no-shrink"]
        return self._run(command, r"^NOT KEPT\s+seed (\d+: [^:]+)")

    def _run(self, arguments: list[str], caught: str) -> str | None:
        head = arguments.index("--") if "--" in arguments else len(arguments)
        command = ["cargo", *arguments[:head], "--locked", *arguments[head:]]
        try:
            done = subprocess.run(command, cwd=self.copy, env=self.env, capture_output=True, text=True, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            return f"takes longer than {LONGEST} s"
        if done.returncode == 0:
            return None
        if "could not compile" in done.stderr:
            sys.exit(f"the fault does not compile:\n{done.stderr}")
        found = re.search(caught, done.stdout + done.stderr, re.MULTILINE)
        return found[1] if found else (done.stdout + done.stderr).strip().splitlines()[-1]


def look(runner: Runner, fault: Fault, options: argparse.Namespace) -> dict[str, str]:
    """What catches a fault, by layer."""
    layers = {"simulator": runner.simulator, "test": lambda: runner.tests(fault.file)}
    if not fault.file.startswith(DOMAIN):
        del layers["simulator"]
    if options.only:
        layers = {layer: run for layer, run in layers.items() if layer == options.only}
    layers = dict(sorted(layers.items(), key=lambda layer: layer[0] != fault.first))
    before = fault.plant(runner.copy)
    caught = {}
    try:
        for layer, run in layers.items():
            if found := run():
                caught[layer] = found
                if not options.both:
                    break
    finally:
        (runner.copy / fault.file).write_text(before)
    return caught


def show_table(results: list[tuple[Fault, dict[str, str]]]) -> None:
    """A line for each fault, then the numbers."""
    for fault, caught in results:
        by = "; ".join(f"{layer}: {what}" for layer, what in caught.items())
        print(f"{fault.name:<58} {by or 'SURVIVED: ' + (fault.survives or 'and nobody has said why')}")
    flows = [caught for fault, caught in results if fault.file.startswith(f"{DOMAIN}src/flows/")]
    print(f"\n{sum(bool(caught) for _, caught in results)} of {len(results)} caught, "
          f"{sum('test' in caught for _, caught in results)} by tests, "
          f"{sum('simulator' in caught for _, caught in results)} by the simulator; "
          f"of {len(flows)} in flows: {sum('test' in caught for caught in flows)} by tests, "
          f"{sum('simulator' in caught for caught in flows)} by the simulator")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only faults whose name or file has one of these words")
    parser.add_argument("--list", action="store_true", help="list the faults and what they break")
    parser.add_argument("--histories", type=int, default=3000, help="histories for each fault (default %(default)s)")
    parser.add_argument("--both", action="store_true", help="run the simulator also for what a test has caught")
    parser.add_argument("--only", choices=["test", "simulator"], help="run tests alone, or the simulator alone")
    parser.add_argument("--copy", type=Path, help="folder for the copy and what is built in it, kept for the next time")
    options = parser.parse_args()
    faults = read_faults(options.words)
    if options.list:
        for fault in faults:
            print(f"{fault.name:<58} {fault.breaks}")
        return 0
    with tempfile.TemporaryDirectory(prefix="planted-") as temporary:
        runner = Runner(options.copy or Path(temporary), options)
        runner.copy.mkdir(parents=True, exist_ok=True)
        copy_workspace(runner.copy)
        return run_all(runner, faults, options)


def run_all(runner: Runner, faults: list[Fault], options: argparse.Namespace) -> int:
    print("First without any fault ...", flush=True)
    for file in sorted({next(folder for folder in TESTS if fault.file.startswith(folder)) for fault in faults}):
        if found := options.only != "simulator" and runner.tests(file) or file == DOMAIN and runner.simulator():
            sys.exit(f"fails without any fault: {found}")
    begin, results = time.monotonic(), []
    for number, fault in enumerate(faults, 1):
        results.append((fault, look(runner, fault, options)))
        pace = (time.monotonic() - begin) / number
        print(f"{number} of {len(faults)}  {pace:.0f} s each, {pace * (len(faults) - number) / 60:.0f} min left  "
              f"{fault.name}: {results[-1][1] or 'SURVIVED'}", flush=True)
    print()
    show_table(results)
    survivors = [fault for fault, caught in results if not caught]
    is_enough = len(results) - len(survivors) >= LEAST_CAUGHT * len(results)
    return 0 if options.only or (is_enough and all(fault.survives for fault in survivors)) else 1


if __name__ == "__main__":
    sys.exit(main())
