"""Every payload in events/, by `sam local invoke` against the stack that is up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stack.invoke import Invocation
from stack.settings import ROOT

ANSWERS = {
    "assessments/forged-token": 401,
    "assessments/list": 204,
    "assessments/one": 200,
    "assessments/unknown": 404,
    "callbacks/completed": 202,
    "callbacks/disabled": 202,
    "callbacks/forged": 401,
    "callbacks/malformed": 400,
    "callbacks/stale": 401,
    "callbacks/started": 202,
    "consent/disconnect": 204,
    "consent/disconnect-by-token": 204,
    "consent/disconnect-wrong-key": 404,
    "consent/foreign-redirect": 400,
    "consent/form": 303,
    "consent/form-bad-key": 422,
    "consent/no-company": 400,
    "consent/page": 200,
    "orders/foreign-company": 403,
    "orders/foreign-result-url": 400,
    "orders/good": 202,
    "orders/inline": 200,
    "orders/malformed-json": 400,
    "orders/no-token": 401,
    "token/basic": 200,
    "token/good": 200,
    "token/no-grant-type": 400,
    "token/wrong-secret": 400,
}
# How many messages of the batch fail.
FAILURES = {
    "invitations/good": 0,
    "invitations/malformed": 1,
    "results/follow": 0,
    "results/malformed": 1,
    "results/refresh": 0,
    "results/wind-down": 0,
}
RECONCILE = {
    "reconcile/schedule": lambda answer: answer["failed"] == 0,
    "reconcile/why": lambda answer: answer["reason"] == "not_connected",
    "reconcile/why-malformed": lambda answer: "company" in answer["errorMessage"],
}

Invoke = Callable[[str, str], Invocation]


def test_no_payload_is_left_out() -> None:
    files = {f"{path.parent.name}/{path.stem}" for path in (ROOT / "events").glob("*/*.json")}
    assert files == ANSWERS.keys() | FAILURES.keys() | RECONCILE.keys()


@pytest.mark.parametrize(("event", "status"), ANSWERS.items())
def test_an_http_function_answers(sam_local_invoke: Invoke, event: str, status: int) -> None:
    invocation = _invoke(sam_local_invoke, event)
    assert invocation.answer["statusCode"] == status, invocation.log


@pytest.mark.parametrize(("event", "failures"), FAILURES.items())
def test_a_queue_function_reports_the_messages_that_failed(sam_local_invoke: Invoke, event: str, failures: int) -> None:
    invocation = _invoke(sam_local_invoke, event)
    assert len(invocation.answer["batchItemFailures"]) == failures, invocation.log


@pytest.mark.parametrize("event", RECONCILE)
def test_the_reconciler_answers(sam_local_invoke: Invoke, event: str) -> None:
    invocation = _invoke(sam_local_invoke, event)
    assert RECONCILE[event](invocation.answer), invocation.log


def _invoke(sam_local_invoke: Invoke, event: str) -> Any:
    function = f"{event.partition('/')[0].capitalize()}Function"
    invocation = sam_local_invoke(function, f"{event}.json")
    assert invocation.answer is not None, invocation.log
    return invocation
