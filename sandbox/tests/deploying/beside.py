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


def shell(second: Stack) -> Shell:
    """The reader's shell. `sam build` builds as for a local stack; `aws` says where the emulated AWS serves the API."""
    tools.walk()
    folder = second.folder / "bin"
    folder.mkdir(exist_ok=True)
    api = second.folder / "api.sed"
    api.write_text("")
    command = folder / "aws"
    command.write_text(f'#!/bin/bash\nset -o pipefail\n"{AWS_CLI}/bin/aws" "$@" | sed -f "{api}"\n')
    command.chmod(0o755)
    environment = aws_environment(second.endpoint)
    return Shell({**environment, "PATH": f"{folder}{os.pathsep}{environment['PATH']}"}, second.folder)


def is_deployed(second: Stack) -> None:
    """After the first deployment: what the emulated AWS leaves undone is done, and the stand-ins know where to call."""
    deploy.read_outputs(second)
    aws_says = second.outputs["ApiUrl"]
    gaps.leave_as_deployed(second)
    (second.folder / "api.sed").write_text(f"s#{aws_says}#{second.api_url}#g\n")
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
