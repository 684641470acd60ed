"""A second stack in the emulated account, beside the one of the tests; its partners' stand-ins are its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import WaiterError
from support.control import Control, Product
from support.marks import Marks
from support.ops import Ops
from support.world import World

from stack import build, deploy, gaps, processes, standins, tools
from stack.description import Stack
from stack.settings import ASIDE, AWS_CLI, BUILT, aws_environment

from .document import Shell

MASTER = ("walk-partner", "walk-partner-secret-0123456789")


@contextmanager
def beside(stack: Stack) -> Iterator[Stack]:
    """What will be the second stack: it has addresses, and nothing is deployed."""
    pid = os.getpid()
    second = replace(stack, name=f"{stack.name}-walk", owner=pid, owner_started=processes.start_time(pid), keep=False, ports={},
                     servers=[], outputs={}, api_url="", master_client_id=MASTER[0], master_client_secret=MASTER[1])
    second.smartrecruiters_url = f"http://127.0.0.1:{second.port('smartrecruiters')}"
    second.testgorilla_url = f"http://127.0.0.1:{second.port('testgorilla')}"
    second.save()
    try:
        yield second
    finally:
        second.end()
        shutil.rmtree(second.folder, ignore_errors=True)


def parameters(second: Stack, **others: str) -> Path:
    """The reader's own parameter file: the stand-ins' addresses, and what production has but for the shift of traffic, which the
    emulated AWS does not have."""
    path = second.folder / "parameters.yaml"
    path.write_text(yaml.safe_dump({
        **deploy.parameters(second), "InvitationDelaySeconds": "1", "CatalogueMaxAgeSeconds": "1", "DeletionProtection": "true",
        **others}))
    return path


def shell(second: Stack, ops: Path) -> Shell:
    """The reader's shell. `sam build` builds as for a local stack; `aws` and `ops` say where the emulated AWS serves the API."""
    tools.walk()
    api = _served_at(second)
    api.write_text("")
    _command(second, "aws", f'"{AWS_CLI}/bin/aws" "$@" | sed -f "{api}"')
    # Nor does it say what a table was restored from.
    _command(second, "ops", f"""[ "$1" != restore ] || set -- "$@" --origin-unknown
OPS_API_URL=$(cut -d "#" -f 3 "{api}") "{ops}" "$@\"""")
    environment = aws_environment(second.endpoint)
    return Shell({**environment, "PATH": f"{second.folder / 'bin'}{os.pathsep}{environment['PATH']}"}, second.folder)


def _served_at(second: Stack) -> Path:
    """What makes of the API's address that AWS says the one where it is: the emulated AWS says another."""
    return second.folder / "api.sed"


def _command(second: Stack, name: str, line: str) -> None:
    command = second.folder / "bin" / name
    command.parent.mkdir(exist_ok=True)
    command.write_text(f"#!/bin/bash\nset -o pipefail\n{line}\n")
    command.chmod(0o755)


def is_deployed(second: Stack) -> None:
    """After the first deployment: what the emulated AWS leaves undone is done, and the stand-ins know where to call."""
    deploy.read_outputs(second)
    aws_says = second.outputs["ApiUrl"]
    gaps.leave_as_deployed(second)
    _served_at(second).write_text(f"s#{aws_says}#{second.api_url}#g\n")
    binary = second.folder.parent / second.name.removesuffix("-walk") / "bin" / "sandbox"
    standins.start(second, binary)


def world(second: Stack, aws: Callable[[str], Any]) -> World:
    """Everybody around the second stack."""
    return World(Control(second.smartrecruiters_url), Control(second.testgorilla_url), Product(second.api_url),
                 Ops(second, aws, deploy.functions(second)), Marks(second.folder / "marks.jsonl"))


@contextmanager
def built_aside() -> Iterator[None]:
    """What a developer has built for AWS or for `make up` is not touched by a build of the document."""
    with build.alone():
        if BUILT.exists():
            BUILT.rename(ASIDE)
        try:
            yield
        finally:
            shutil.rmtree(BUILT, ignore_errors=True)
            if ASIDE.exists():
                ASIDE.rename(BUILT)


def deletes(second: Stack, aws: Callable[[str], Any]) -> bool:
    """Whether the second stack can be deleted."""
    client, name = aws("cloudformation"), deploy.cloudformation_name(second)
    try:
        client.delete_stack(StackName=name)
        client.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    except (client.exceptions.ClientError, WaiterError):
        return False
    return True
