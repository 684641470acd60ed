"""`python -m harness`: measures everything and writes it down."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from stack import lifecycle
from stack.package import megabytes
from stack.progress import Failed, say

from . import account, burst, certificates, cost, growth, instructions, machine, measure, report, same, subjects
from .driver import Driver
from .events import Events
from .figures import Figures
from .places import LOCAL
from .scene import scene
from .units import World, all_units

# Orders of the burst that `make bench` takes time for.
SHORT_BURST = 300


def main() -> int:
    """Runs one command; a failure is told in one sentence."""
    parser = argparse.ArgumentParser(prog="harness", description=__doc__)
    commands = ("all", "run", "instructions", "record-instructions", "burst", "crowd", "growth", "account")
    parser.add_argument("command", choices=commands, nargs="?", default="run")
    parser.add_argument("--quick", action="store_true", help="few starts and calls: shows that everything works")
    parser.add_argument("--functions", type=Path, help="product binaries that are built already (as in .aws-sam/build)")
    parser.add_argument("--only", nargs="*", help="these units alone; nothing is written down")
    parser.add_argument("--orders", type=int, help="of the burst (1000), or of each company of the crowd (100)")
    parser.add_argument("--assessments", type=int, default=account.ASSESSMENTS, help="of the account")
    parser.add_argument("--companies", type=int, default=100, help="of the crowd")
    parser.add_argument("--real-time", action="store_true", help="the burst takes a quarter of an hour and more")
    arguments = parser.parse_args()
    lifecycle.end_on_signals()
    try:
        match arguments.command:
            case "all":
                everything(arguments.functions)
            case "run":
                run(arguments.quick, arguments.functions, arguments.only)
            case "instructions":
                instructions.check()
            case "record-instructions":
                instructions.record()
            case "burst":
                speed = "real" if arguments.real_time else "scaled"
                burst.run(arguments.orders or 1000, speed, subjects.product(arguments.functions))
            case "crowd":
                burst.crowd(arguments.companies, arguments.orders or 100, subjects.product(arguments.functions))
            case "growth":
                growth.run(subjects.product(arguments.functions))
            case "account":
                account.run(subjects.product(arguments.functions), arguments.assessments)
    except Failed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; what was started has been ended.")
        return 130
    return 0


def everything(functions: Path | None) -> None:
    """What `make bench` does: functions side by side, the hot paths' instructions, growth, and a short burst."""
    functions = subjects.product(functions)
    run(False, functions, None)
    instructions.check()
    growth.run(functions)
    burst.run(SHORT_BURST, "scaled", functions)


def run(quick: bool, functions: Path | None, only: list[str] | None) -> None:
    """Builds, checks that what is compared is the same, measures, writes down."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    functions = subjects.product(functions)
    built = subjects.build(functions)
    started = time.monotonic()
    about = machine.describe()
    papers = certificates.make(LOCAL / "certificates")
    driver = Driver(subjects.driver(), papers)
    figures = Figures()
    plan = measure.QUICK if quick else measure.FULL
    try:
        with scene(driver.capture, functions) as place:
            world = World(driver, place, Events(place), papers, built)
            units = [unit for unit in all_units(world) if not only or unit.name in only]
            if not only:
                same.check(world, units)
            for unit in units:
                unit.fresh()
            measure.cold(units, plan, figures)
            measure.warm(units, plan, figures)
    finally:
        driver.end()
    if only:
        show(figures)
        return
    sizes = {name: round(megabytes(one.binary), 3) for name, one in built.items() if one.binary}
    about["seconds"] = round(time.monotonic() - started)
    costs = cost.reckon(figures)
    for one in report.write(figures, sizes, about, costs):
        say(f"{'kept    ' if one.kept else 'NOT KEPT'}  {one.what}: {one.measured} ({one.budget})")
    for line in cost.lines(costs):
        say(line)
    say(f"Measured in {about['seconds']} s: docs/performance.md, bench/results.json")


def show(figures: Figures) -> None:
    """Prints what was measured."""
    for (function, kind, share, name), values in sorted(figures.values.items()):
        if name.endswith("ms"):
            of = figures.of(function, kind, share, name)
            assert of is not None
            say(f"{function:18} {kind:6} {share:5} {name:7} n {len(values):5} median {of['median']:8.2f} p99 {of['p99']:8.2f}")


if __name__ == "__main__":
    sys.exit(main())
