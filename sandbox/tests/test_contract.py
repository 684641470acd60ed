"""What we serve to SmartRecruiters keeps to its contract, whatever is sent: the requests are made up from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.world import Scene, World

SCHEMA = schemathesis.openapi.from_path(Path(__file__).parents[1] / "contracts" / "smartrecruiters.openapi.yaml")
OPERATIONS: list[Any] = [result.ok() for result in SCHEMA.get_all_operations() if isinstance(result, Ok)]

# Statuses that the contract does not list, by operation, and why we answer them. Nothing else is tolerated.
MALFORMED = "the request breaks the contract; it lists no status for that, and 400 is the one of RFC 9110"
NOT_OFFERED = "the consent page says in words what is wrong with the link"
NEEDS_A_TOKEN = "the contract declares no credential; this form of the URL asks for the company's token"
TOLERATED: dict[str, dict[int, str]] = {
    "askForConsent": {400: NOT_OFFERED},
    "deleteIntegration": {401: NEEDS_A_TOKEN, 403: NEEDS_A_TOKEN},
    "orderPackage": {400: MALFORMED},
    "orderInlinePackage": {400: MALFORMED},
}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 20

# The same examples in every run; a failure is told as it was found.
bounded = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
                   suppress_health_check=list(HealthCheck))


def _label(value: Any) -> str:
    """What an operation or a mode is called in a test's name."""
    return str(value.value) if isinstance(value, GenerationMode) else f"{value.method.upper()} {value.path}"


def _can_be_broken(operation: Any) -> bool:
    """Whether the contract says of requests what can be broken: any text fits a path."""
    parameters = operation.definition.raw.get("parameters", [])
    return "requestBody" in operation.definition.raw or any(parameter["in"] != "path" for parameter in parameters)


CASES = [
    *((operation, GenerationMode.POSITIVE) for operation in OPERATIONS),
    *((operation, GenerationMode.NEGATIVE) for operation in OPERATIONS if _can_be_broken(operation)),
]


@pytest.fixture(scope="module")
def scene(world: World) -> Iterator[Scene]:
    """A company of which a stranger's orders are made; it disconnects in the end, and nothing is left to do."""
    made = world.scene()
    limits = {"account": made.account.name, "limits": {"invitations": 10_000, "candidatures": 10_000}}
    made.account.control.put("limits", limits)
    yield made
    made.company.disconnects()


@pytest.mark.parametrize(("operation", "mode"), CASES, ids=_label)
def test_every_answer_keeps_to_the_contract(scene: Scene, operation: Any, mode: GenerationMode) -> None:
    @bounded
    @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans(), order=st.uuids())
    def ask(case: Any, is_real: bool, order: object) -> None:
        # The gateway knows no route for a path with more segments.
        assume("/" not in str(case.path_parameters))
        if is_real:
            _make_real(scene, case, str(order))
        headers = CaseInsensitiveDict(case.headers or {})
        headers["Authorization"] = f"Bearer {scene.company.token()}"
        case.headers = headers
        answer = case.call(base_url=scene.world.product.url)
        name = operation.definition.raw["operationId"]
        if answer.status_code in TOLERATED.get(name, {}):
            _is_clear(answer)
        else:
            case.validate_response(answer, checks=CHECKS)

    ask()


def test_every_tolerated_status_belongs_to_an_operation_and_is_not_listed() -> None:
    definitions = [operation.definition.raw for operation in OPERATIONS]
    listed = {definition["operationId"]: definition["responses"] for definition in definitions}
    assert len(listed) == 7
    for name, statuses in TOLERATED.items():
        assert not {str(status) for status in statuses} & set(listed[name])


def _make_real(scene: Scene, case: Any, order: str) -> None:
    """Puts what exists in the place of what was made up, so that good answers are seen too."""
    real = {
        "assessmentPackageId": scene.assessment,
        "companyId": scene.company.name,
        "resultCallbackURL": f"{scene.world.smartrecruiters.url}/assessment-api/v202010/orders/{order}/results",
    }
    if isinstance(case.path_parameters, dict) and "assessmentPackageId" in case.path_parameters:
        case.path_parameters["assessmentPackageId"] = scene.assessment
    if isinstance(case.body, dict):
        pair = scene.company.control.get(f"companies/{scene.company.name}/pair")
        case.body.update({name: value for name, value in {**real, **pair}.items() if name in case.body})


def _is_clear(answer: Any) -> None:
    """An error that the contract does not list says in its words, or on the page, what is wrong."""
    [content_type] = answer.headers["content-type"]
    if content_type.startswith("text/html"):
        assert 'role="alert"' in answer.text
        return
    body = answer.json()
    assert body["message"]
    assert all(error["code"] and error["message"] for error in body["errors"])
