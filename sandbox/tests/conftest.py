"""Fixtures of the end-to-end tests: the local stack that is up, its AWS clients, both stand-ins, and who uses them.

`make test` brings up a stack for the tests; README.md says how to run them by hand.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import after
from support.command import Command
from support.control import Control, Product
from support.marks import Marks
from support.ops import Ops
from support.turns import alone
from support.world import Scene, World

from stack import build, deploy, description, invoke
from stack.settings import DEFAULT_NAME, LOCAL, ROOT


def _description() -> Path:
    """The file that STACK_JSON names, or else the one of the stack that `make up` keeps."""
    return Path(os.environ.get("STACK_JSON", LOCAL / DEFAULT_NAME / "stack.json"))


def _marks(stack: description.Stack) -> Marks:
    """What the tests of this run made up."""
    return Marks(stack.folder / "marks.jsonl")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Forgets what an earlier run made up."""
    if _is_in_charge(session.config) and _description().exists():
        _marks(description.load(_description())).clear()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Checks what must hold after all tests, whichever process ran them: each check counts as a test."""
    have_run = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    if _is_in_charge(session.config) and have_run and not session.config.option.collectonly:
        stack = description.load(_description())
        session.exitstatus = after.report(session, _world(stack, lambda service: deploy.client(stack, service)))


def _is_in_charge(config: pytest.Config) -> bool:
    """Whether this is not one of several processes that another one started."""
    return not hasattr(config, "workerinput")


def _world(stack: description.Stack, aws: Callable[[str], Any]) -> World:
    """Everybody together."""
    return World(Control(stack.smartrecruiters_url), Control(stack.testgorilla_url), Product(stack.api_url),
                 Ops(stack, aws, deploy.functions(stack)), _marks(stack))


@pytest.fixture(scope="session")
def stack() -> description.Stack:
    """The stack that is up."""
    if not _description().exists():
        pytest.exit("No local stack is up: run `make up` first, or `make test`.", returncode=2)
    return description.load(_description())


@pytest.fixture(scope="session")
def aws(stack: description.Stack) -> Callable[[str], Any]:
    """Makes a boto3 client of the emulated AWS: `aws("sqs")`."""
    clients: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in clients:
            clients[service] = deploy.client(stack, service)
        return clients[service]

    return client


@pytest.fixture(scope="session")
def table(stack: description.Stack, aws: Callable[[str], Any]) -> Callable[..., list[dict[str, Any]]]:
    """Reads the whole table, with a scan's own options: `table(FilterExpression=...)`."""

    def items(**options: Any) -> list[dict[str, Any]]:
        pages = aws("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"], **options)
        return [item for page in pages for item in page["Items"]]

    return items


@pytest.fixture(scope="session")
def functions(stack: description.Stack) -> dict[str, str]:
    """Name of every deployed function by its logical id."""
    return deploy.functions(stack)


@pytest.fixture(scope="session")
def world(stack: description.Stack, aws: Callable[[str], Any]) -> World:
    """The product and everybody who uses it. Companies connect side by side, all under the partner's own credential."""
    Control(stack.smartrecruiters_url).put("limits", {"credential": "master", "requests": 1_000})
    return _world(stack, aws)


@pytest.fixture
def scene(world: World) -> Scene:
    """A company of the test's own, connected to an account of its own, with one assessment on offer."""
    return world.scene()


@pytest.fixture(scope="session")
def sam_local_invoke(stack: description.Stack) -> Callable[[str, str], invoke.Invocation]:
    """Runs a function by `sam local invoke` with a file below events/: `("OrdersFunction", "orders/x.json")`."""

    def run(function: str, event: str) -> invoke.Invocation:
        with alone(stack, "sam-local-invoke"):
            return invoke.run(stack, function, ROOT / "events" / event)

    return run


@pytest.fixture(scope="session")
def ops(stack: description.Stack) -> Command:
    """The operator's command, built from this work tree."""
    return Command(build.ops(stack), stack)
