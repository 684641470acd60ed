"""`make demo`: the journey, walked by program on a local stack."""

from __future__ import annotations

import os
import time

from . import lifecycle
from .description import Stack
from .progress import run, say
from .standins import journey
from .settings import DEFAULT_NAME


def demo(name: str, *, keep: bool) -> int:
    """Brings a stack up, walks the journey on it, and ends it unless it is to be kept."""
    if keep:
        stack = lifecycle.up(name, keep=True)
        walk(stack)
        tell(stack)
        return 0
    with lifecycle.temporary(f"demo-{os.getpid()}") as stack:
        walk(stack)
    return 0


def walk(stack: Stack) -> None:
    """Walks the journey: every step is a line of its own, printed as it happens."""
    started = time.monotonic()
    run("The journey", journey(stack), lifecycle.environment(stack), show=True)
    say(f"The journey took {time.monotonic() - started:.0f} s")


def tell(stack: Stack) -> None:
    """Says where everything is."""
    option = "" if stack.name == DEFAULT_NAME else f" NAME={stack.name}"
    say(f"""
  SmartRecruiters (stand-in)  {stack.smartrecruiters_url}
    sign in as                ada@acme-example.example (admin), rita@acme-example.example (recruiter)
  TestGorilla (stand-in)      {stack.testgorilla_url}
    sign in as                olga@acme-example.example (owner), adam@… (admin), rosa@… (recruiter); no password
    candidates' mailbox       {stack.testgorilla_url}/mailbox
  What happened               {stack.smartrecruiters_url}/what-happened
  The product's API           {stack.api_url}
  Emulated AWS                {stack.endpoint}
  Description and logs        {stack.folder.relative_to(stack.folder.parents[1])}

One function by hand:   make invoke F=OrdersFunction E=events/orders/<file>.json{option}
The end of it all:      make down{option}""")
