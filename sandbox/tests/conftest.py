"""Fixtures of the end-to-end tests: the local stack that is up, its AWS clients, and both stand-ins' addresses.

`make test` brings up a stack for the tests. By hand: `make up`, then `.local/venv-tools/bin/python -m pytest sandbox/tests`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stack import deploy, description, invoke
from stack.settings import DEFAULT_NAME, LOCAL, ROOT


@pytest.fixture(scope="session")
def stack() -> description.Stack:
    """The stack described by the file that STACK_JSON names, or else the one that `make up` keeps."""
    path = Path(os.environ.get("STACK_JSON", LOCAL / DEFAULT_NAME / "stack.json"))
    if not path.exists():
        pytest.exit("No local stack is up: run `make up` first, or `make test`.", returncode=2)
    return description.load(path)


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
def api_url(stack: description.Stack) -> str:
    """Base URL of the product's routes, without a slash at its end."""
    return stack.api_url


@pytest.fixture(scope="session")
def smartrecruiters_url(stack: description.Stack) -> str:
    """Base URL of SmartRecruiters' stand-in."""
    return stack.smartrecruiters_url


@pytest.fixture(scope="session")
def testgorilla_url(stack: description.Stack) -> str:
    """Base URL of TestGorilla's stand-in."""
    return stack.testgorilla_url


@pytest.fixture(scope="session")
def sam_local_invoke(stack: description.Stack) -> Callable[[str, str], invoke.Invocation]:
    """Runs a function by `sam local invoke` with a file below events/: `("OrdersFunction", "orders/x.json")`."""

    def run(function: str, event: str) -> invoke.Invocation:
        return invoke.run(stack, function, ROOT / "events" / event)

    return run
