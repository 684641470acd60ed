"""Brings a local stack up and down."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from . import build, deploy, description, gaps, ministack, registration, relay, standins
from .description import Stack
from .progress import say
from .settings import aws_environment


def up(name: str, *, keep: bool) -> Stack:
    """Builds and starts everything. A part that fails takes the others down with it."""
    sweep()
    old = description.find(name)
    if old is not None:
        say(f"Ending the stack {name} that is up already")
        old.end()
    started = time.monotonic()
    stack = description.new(name, keep)
    stack.save()
    try:
        build.functions(stack)
        binary = build.stand_ins(stack)
        say("Starting the emulated AWS ...")
        standins.choose_addresses(stack)
        ministack.start(stack)
        standins.start_proxy(stack, binary)
        deploy.deploy(stack)
        gaps.close(stack)
        deploy.write_functions_environment(stack, stack.functions_environment)
        say("Starting the stand-ins ...")
        standins.start(stack, binary)
        registration.register(stack)
        relay.start(stack)
    except BaseException:
        stack.end()
        raise
    say(f"The local stack is up after {time.monotonic() - started:.0f} s")
    return stack


@contextmanager
def temporary(name: str) -> Iterator[Stack]:
    """A stack that ends with the block, however the block ends. After a failure its logs stay."""
    stack = up(name, keep=False)
    try:
        yield stack
    finally:
        stack.end()
    shutil.rmtree(stack.folder, ignore_errors=True)


def down(name: str) -> bool:
    """Ends the stack called `name`; False when there is none."""
    stack = description.find(name)
    if stack is None:
        return False
    stack.end()
    return True


def sweep() -> None:
    """Ends stacks whose run was killed before it could end them."""
    for stack in description.all_stacks():
        if stack.abandoned():
            say(f"Ending the stack {stack.name}, which its run has left behind")
            stack.end()


def environment(stack: Stack) -> dict[str, str]:
    """Environment of tests and programs that use the stack."""
    return {
        **aws_environment(stack.endpoint),
        "STACK_JSON": str(stack.folder / "stack.json"),
        "SANDBOX_DISCONNECT_KEY": stack.disconnect_key,
        "SANDBOX_CALLBACK_SECRET": stack.callback_secret,
    }


def end_on_signals() -> None:
    """Lets a termination or a closed terminal end a run as Ctrl-C does: through every `finally`."""

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    # A shell starts background jobs with this signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
