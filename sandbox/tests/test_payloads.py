"""events/ is made from the contracts: what a contract changes, the payloads change or name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stack import contracts, envelopes, payloads
from stack.contracts import Contract, Examples, Number
from stack.progress import Failed

NOTHING_LEFT_OUT: frozenset[str] = frozenset()


@pytest.fixture
def contract() -> Contract:
    return contracts.read(contracts.FOLDER / "smartrecruiters.openapi.yaml")


@pytest.fixture
def order(contract: Contract) -> dict[str, Any]:
    return contract.schema("InlineAssessmentPackageOrderRequest")


def test_every_payload_is_what_the_contracts_say() -> None:
    payloads.check()


def test_a_payload_that_was_changed_by_hand_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = payloads.make(payloads.MADE)
    for path, text in made.items():
        copy = tmp_path / path.relative_to(payloads.FOLDER)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text)
    (tmp_path / "orders" / "good.json").write_text("{}\n")
    (tmp_path / "orders" / "unknown.json").write_text("{}\n")
    monkeypatch.setattr(payloads, "FOLDER", tmp_path)
    monkeypatch.setattr(payloads, "ROOT", tmp_path)
    with pytest.raises(Failed, match="orders/good.json, orders/unknown.json"):
        payloads.check()


def test_a_property_that_is_new_in_the_contract_is_named(contract: Contract, order: dict[str, Any]) -> None:
    order["properties"]["brandNew"] = {"type": "string"}
    examples = Examples({name: "x" for name in _names(order)}, NOTHING_LEFT_OUT)
    with pytest.raises(Failed, match="'brandNew'"):
        examples.body(contract, order, "orders/inline")
    assert examples.changed({"brandNew": "a"}, []).body(contract, order, "orders/inline")["brandNew"] == "a"


def test_a_body_that_lacks_what_the_contract_demands_is_refused(contract: Contract, order: dict[str, Any]) -> None:
    with pytest.raises(Failed, match="'resultCallbackURL' is a required property"):
        contract.validate(order, {"assessmentPackageId": "1"}, "orders/inline")


def test_a_number_that_only_a_stack_knows_stands_outside_quotation_marks() -> None:
    body = {"candidature_id": Number("${CANDIDATURE}"), "company": "${COMPANY}"}
    assert contracts.text(body) == '{"candidature_id":${CANDIDATURE},"company":"${COMPANY}"}'


def test_an_envelope_has_nothing_that_the_sample_of_sam_has_not() -> None:
    made = envelopes.request("GET", "/packages", {}, {}, {"user-agent": "x"}, None)
    assert made["requestContext"]["http"]["method"] == "GET"
    with pytest.raises(Failed, match=r"requestContext\.planet"):
        envelopes._as_sampled({"requestContext": {"planet": "Mars"}}, {"requestContext": {}})


def test_every_operation_of_the_product_has_a_payload() -> None:
    made = [json.loads(text) for text in payloads.make(payloads.MADE).values()]
    routes = {event["routeKey"] for event in made if "routeKey" in event}
    assert routes == {f"{operation.method} {operation.path}" for operation in contracts.load().values()}


def _names(schema: dict[str, Any], inside: str = "") -> list[str]:
    """Every property of a schema but the new one."""
    found = []
    for name, inner in schema["properties"].items():
        if name != "brandNew":
            found += _names(inner, f"{inside}{name}.") if "properties" in inner else [f"{inside}{name}"]
    return found
