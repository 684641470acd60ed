"""The contracts as the payloads in events/ need them: operations by their id, and bodies with an example for every property."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from .progress import Failed
from .settings import ROOT

FOLDER = ROOT / "sandbox" / "contracts"
# Calls of the product, not calls to it, are in the others.
FILES = ("smartrecruiters.openapi.yaml", "own.openapi.yaml")


@dataclass(frozen=True)
class Operation:
    """One call of the product."""

    contract: Contract
    method: str
    path: str
    values: dict[str, Any]

    @property
    def has_bearer(self) -> bool:
        """Whether the caller sends an access token."""
        return {"bearer": []} in self.values.get("security", [])

    def parameters(self, place: str) -> list[dict[str, Any]]:
        """Its parameters in `path`, `query` or `header`."""
        return [parameter for parameter in self.values.get("parameters", []) if parameter["in"] == place]

    def body(self) -> tuple[str, dict[str, Any]] | None:
        """Media type and schema of its body, when it has one."""
        content = self.values.get("requestBody", {}).get("content", {})
        return next(((kind, self.contract.resolved(media["schema"])) for kind, media in content.items()), None)


@dataclass(frozen=True)
class Contract:
    """One OpenAPI document."""

    document: dict[str, Any]

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema itself, where it was a reference."""
        reference = schema.get("$ref")
        return self.schema(reference.rpartition("/")[2]) if reference else schema

    def schema(self, name: str) -> dict[str, Any]:
        """A schema by its name."""
        return dict(self.document["components"]["schemas"][name])

    def operations(self) -> Iterator[tuple[str, Operation]]:
        """Every operation by its id."""
        for path, methods in self.document["paths"].items():
            for method, values in methods.items():
                yield values["operationId"], Operation(self, method.upper(), path, values)

    def validate(self, schema: dict[str, Any], value: Any, what: str) -> None:
        """Fails where a value is not what the schema says. Placeholders are taken for the numbers that they stand for."""
        whole = {**schema, "components": self.document["components"]}
        errors = [error.message for error in Draft202012Validator(whole).iter_errors(json.loads(_with_numbers(value)))]
        if errors:
            raise Failed(f"{what}: {'; '.join(errors)}")


@dataclass(frozen=True)
class Examples:
    """What every property of a body is filled with."""

    values: Mapping[str, Any]
    left_out: frozenset[str]
    without: frozenset[str] = frozenset()

    def changed(self, values: Mapping[str, Any], without: list[str]) -> Examples:
        """With other values for some, and without others."""
        return Examples({**self.values, **values}, self.left_out - set(values), frozenset(without))

    def of(self, name: str, what: str) -> Any:
        """The example of a property or parameter; None when it is left out."""
        if name in self.without or name in self.left_out:
            return None
        if name not in self.values:
            raise Failed(f"{what}: the contract has {name!r}; events/made.toml has no value for it, and does not leave it out.")
        return self.values[name]

    def body(self, contract: Contract, schema: dict[str, Any], what: str, inside: str = "") -> Any:
        """A value of the schema; objects in the contract's order."""
        found = {}
        for name, inner in schema["properties"].items():
            inner, path = contract.resolved(inner), f"{inside}{name}"
            if "properties" in inner:
                found[name] = self.body(contract, inner, what, f"{path}.")
            elif (value := self.of(path, what)) is not None:
                found[name] = Number(value) if inner.get("type") == "integer" and isinstance(value, str) else value
        return found


class Number(str):
    """A placeholder that stands for a number."""


def text(value: Any) -> str:
    """A body as it is sent: without spaces, and with placeholders of numbers as they are, outside quotation marks."""
    marked = json.dumps(_marked(value), separators=(",", ":"), ensure_ascii=False)
    return re.sub(r'"\x01([^"]*)"', r"\1", marked.replace("\\u0001", "\x01"))


def load() -> dict[str, Operation]:
    """Every operation of the product."""
    return {name: operation for file in FILES for name, operation in read(FOLDER / file).operations()}


def read(path: Path) -> Contract:
    """One contract."""
    return Contract(yaml.safe_load(path.read_text()))


def _marked(value: Any) -> Any:
    """The value with a sign before what stands for a number."""
    if isinstance(value, dict):
        return {name: _marked(inner) for name, inner in value.items()}
    return f"\x01{value}" if isinstance(value, Number) else value


def _with_numbers(value: Any) -> str:
    """The value's JSON with a number for each placeholder of one."""
    return re.sub(r"(?<=[:,\[])\$\{[A-Z0-9_]+\}", "1", text(value))
