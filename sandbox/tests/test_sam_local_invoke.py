"""Developers test a function by `sam local invoke`, with the payloads in events/ and against the local stack."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.naming import label

from stack.invoke import Invocation

# One after the other: each starts a container.

Invoke = Callable[[str, str], Invocation]


@pytest.mark.parametrize(("function", "event", "status", "said"), [
    ("OrdersFunction", "orders/good.json", 202, ""),
    ("OrdersFunction", "orders/no-token.json", 401, "token_missing"),
    ("OrdersFunction", "orders/malformed-json.json", 400, "request_malformed"),
    ("OrdersFunction", "orders/foreign-result-url.json", 400, "result_url_forbidden"),
    ("TokenFunction", "token/basic.json", 200, "access_token"),
], ids=label)
def test_a_function_behind_the_api_answers(
    sam_local_invoke: Invoke, function: str, event: str, status: int, said: str
) -> None:
    done = sam_local_invoke(function, event)
    assert done.answer is not None, done.log
    assert done.answer["statusCode"] == status, done.log
    assert said in done.answer["body"]


@pytest.mark.parametrize(("function", "event", "failures"), [
    ("InvitationsFunction", "invitations/good.json", 0),
    ("InvitationsFunction", "invitations/malformed.json", 1),
    ("ResultsFunction", "results/refresh.json", 0),
    ("ResultsFunction", "results/malformed.json", 1),
], ids=label)
def test_a_function_behind_a_queue_names_the_messages_that_failed(
    sam_local_invoke: Invoke, function: str, event: str, failures: int
) -> None:
    done = sam_local_invoke(function, event)
    assert done.answer is not None, done.log
    assert len(done.answer["batchItemFailures"]) == failures, done.log


def test_ops_ask_the_reconciler_why(sam_local_invoke: Invoke) -> None:
    done = sam_local_invoke("ReconcileFunction", "reconcile/why.json")
    answer: dict[str, Any] = done.answer
    assert answer["reason"] == "not_connected", json.dumps(answer)
