"""The lists of what is deployed (`make package`, `make audit`): whole, without what only tests need, and repeatable."""

from __future__ import annotations

from typing import Any

import pytest

from stack import sbom


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom.bill_of("consent", sbom.locked())


def _crates(bill: dict[str, Any], scope: str) -> set[str]:
    return {component["name"] for component in bill["components"] if component["scope"] == scope}


def test_what_is_in_the_binary_is_told_from_what_only_built_it(bill: dict[str, Any]) -> None:
    assert {"domain", "aws", "runtime", "partners", "tokio", "rustls", "ring", "aws-sdk-dynamodb"} <= _crates(bill, "required")
    assert {"syn", "cc", "serde_derive"} <= _crates(bill, "excluded")


def test_what_only_tests_and_stand_ins_need_is_not_listed(bill: dict[str, Any]) -> None:
    listed = _crates(bill, "required") | _crates(bill, "excluded")
    assert not listed & {"testing", "simulation", "sandbox", "proptest", "wiremock", "insta", "axum", "rcgen"}


def test_every_published_crate_has_its_name_hash_and_licence_and_is_needed_by_another(bill: dict[str, Any]) -> None:
    own = {"aws", "domain", "partners", "runtime"}
    needed = {ref for entry in bill["dependencies"] for ref in entry["dependsOn"]}
    for component in bill["components"]:
        assert ("purl" in component) is ("hashes" in component) is (component["name"] not in own)
        assert component["licenses"][0]["expression"]
        assert component["bom-ref"] in needed


def test_the_same_tree_gives_the_same_list(bill: dict[str, Any]) -> None:
    assert sbom.bill_of("consent", sbom.locked()) == bill


def test_every_function_is_listed() -> None:
    assert sbom.functions() == ["assessments", "callbacks", "consent", "invitations", "orders", "reconcile", "results", "token"]
