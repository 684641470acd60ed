"""`make events`: the payloads in events/, made from the contracts; `make check` says when they are not what would be made."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from . import contracts, envelopes
from .contracts import Examples, Operation
from .progress import Failed, say
from .settings import ROOT

FOLDER = ROOT / "events"
MADE = FOLDER / "made.toml"
AGENTS = {
    "smartrecruiters": {"accept": "*/*", "user-agent": "SmartRecruiters/1.0"},
    "testgorilla": {"accept": "*/*", "user-agent": "TestGorilla/1.0"},
    "browser": {"accept": "text/html", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                                                     "Chrome/143.0.0.0 Safari/537.36"},
}

Payload = dict[str, Any]


def write() -> None:
    """Writes every payload, and removes those that nothing speaks of any more."""
    made = make(MADE)
    for path in _orphans(made):
        path.unlink()
    for path, text in made.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    say(f"{len(made)} payloads are in events/.")


def check() -> None:
    """Fails when a payload is not what would be made."""
    made = make(MADE)
    old = [path for path, text in made.items() if not path.exists() or path.read_text() != text] + _orphans(made)
    if old:
        names = ", ".join(sorted(str(path.relative_to(ROOT)) for path in old))
        raise Failed(f"Not what the contracts and events/made.toml say: {names}. `make events` makes them anew.")
    say(f"Payloads: {len(made)} are what the contracts say")


def make(made: Path) -> dict[Path, str]:
    """The text of every payload by its file."""
    values = tomllib.loads(made.read_text())
    examples = Examples(values["values"], frozenset(values["left_out"]["names"]))
    operations = contracts.load()
    own = contracts.read(contracts.FOLDER / "own.openapi.yaml")
    return {FOLDER / f"{payload['file']}.json": _text(payload, examples, operations, own) for payload in values["payload"]}


def _orphans(made: dict[Path, str]) -> list[Path]:
    """Files in the folder that are not made."""
    return [path for path in FOLDER.glob("*/*.json") if path not in made]


def _text(payload: Payload, examples: Examples, operations: dict[str, Operation], own: contracts.Contract) -> str:
    """The text of a payload's file."""
    value: Any
    if "operation" in payload:
        value = _request(payload, examples, operations[payload["operation"]])
    elif "queue" in payload:
        value = envelopes.batch(payload["queue"], [_message(message, examples, own, payload["file"])
                                                   for message in payload["messages"]])
    elif "question" in payload:
        value = _body(payload, examples, own, own.schema(payload["question"]), payload["file"])
    else:
        value = payload["as_is"]
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _request(payload: Payload, examples: Examples, operation: Operation) -> Any:
    """A request to one of the routes."""
    examples = examples.changed(payload.get("set", {}), payload.get("without", []))
    given = {place: {parameter["name"]: value for parameter in operation.parameters(place)
                     if (value := examples.of(parameter["name"], payload["file"])) is not None}
             for place in ("path", "query", "header")}
    headers = {**AGENTS[payload.get("agent", "smartrecruiters")], **given["header"]}
    if operation.has_bearer:
        headers["authorization"] = "Bearer ${TOKEN}"
    body = None
    if (media := operation.body()) is not None:
        kind, schema = media
        headers["content-type"] = kind
        body = payload.get("text") or _sent(kind, _body(payload, examples, operation.contract, schema, payload["file"]))
    headers |= payload.get("headers", {})
    kept = {name: value for name, value in headers.items() if name not in payload.get("without_headers", [])}
    return envelopes.request(operation.method, operation.path, given["path"], given["query"], kept, body)


def _message(message: Payload, examples: Examples, own: contracts.Contract, file: str) -> str:
    """The body of a queue's message."""
    if "text" in message:
        return str(message["text"])
    examples = examples.changed(message.get("set", {}), [])
    return contracts.text(_body(message, examples, own, own.schema(message["schema"]), file))


def _body(payload: Payload, examples: Examples, contract: contracts.Contract, schema: dict[str, Any], file: str) -> Any:
    """A body by its schema. What leaves something out on purpose is malformed on purpose."""
    schema = contract.schema(payload["schema"]) if "schema" in payload else schema
    body = examples.body(contract, schema, file)
    if not examples.without:
        contract.validate(schema, body, file)
    return body


def _sent(kind: str, body: Any) -> str:
    """A body in its media type."""
    return urlencode(body, safe="${}") if kind == "application/x-www-form-urlencoded" else contracts.text(body)
