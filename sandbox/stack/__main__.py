"""The commands behind the Makefile: `python -m stack <command>`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from . import audit, base_image, checks, demo, description, fuzz, invoke, lifecycle, logs, package, payloads, pictures, soak, watch
from .description import Stack
from .progress import Failed, say
from .settings import DEFAULT_NAME, LOCAL, ROOT


def main() -> int:
    """Runs one command; a failure is told in one sentence."""
    parser = argparse.ArgumentParser(prog="stack", description=__doc__)
    parser.add_argument("--name", default=DEFAULT_NAME, help="the stack's name (default: %(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("up", "down", "demo", "check", "test", "base-image", "pictures", "audit", "clean", "events", "watch"):
        commands.add_parser(name)
    long = commands.add_parser("soak")
    for name in ("histories", "seconds", "cases", "orders"):
        long.add_argument(name, type=int)
    commands.add_parser("fuzz").add_argument("seconds", type=int)
    commands.add_parser("package").add_argument("architecture")
    one = commands.add_parser("invoke")
    one.add_argument("function")
    one.add_argument("event", type=Path)
    logs.arguments(commands.add_parser("logs"))
    arguments = parser.parse_args()
    lifecycle.end_on_signals()
    try:
        return run(arguments)
    except Failed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        if arguments.command in ("logs", "watch"):
            return 0
        say("Interrupted; what was started has been ended.")
        return 130


def run(arguments: argparse.Namespace) -> int:
    """Runs the command that was asked for and returns the exit code."""
    match arguments.command:
        case "up":
            demo.tell(lifecycle.up(arguments.name, keep=True))
        case "down":
            say("Ended." if lifecycle.down(arguments.name) else f"No stack called {arguments.name} is up.")
        case "demo":
            return demo.demo(arguments.name, keep=os.environ.get("KEEP") == "1")
        case "check":
            checks.quick()
        case "test":
            checks.everything()
        case "soak":
            soak.soak(arguments.histories, arguments.seconds, arguments.cases, arguments.orders)
        case "fuzz":
            fuzz.fuzz(arguments.seconds)
        case "audit":
            audit.audit()
        case "base-image":
            base_image.provide()
        case "package":
            package.package(arguments.architecture)
        case "pictures":
            pictures.make()
        case "clean":
            clean()
        case "events":
            payloads.write()
        case "logs":
            logs.show(_up(arguments.name), arguments)
        case "watch":
            watch.watch(_up(arguments.name))
        case "invoke":
            return invoke.show(_up(arguments.name), arguments.function, arguments.event)
    return 0


def _up(name: str) -> Stack:
    """The stack that is asked about."""
    stack = description.find(name)
    if stack is None:
        raise Failed("No local stack is up: `make up` starts one.")
    return stack


def clean() -> None:
    """Ends every stack of this work tree and removes what was built and installed, cargo's target folder excepted."""
    for stack in description.all_stacks():
        stack.end()
    for folder in (ROOT / ".aws-sam", LOCAL):
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
