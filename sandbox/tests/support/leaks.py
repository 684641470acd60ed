"""What must not leak: secrets, and who the candidates are. Everything that is written down is searched for what the tests made up."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from . import log
from .privileges import ALL_TESTS
from .world import World

QUEUES = ("InvitationQueue", "InvitationDeadLetterQueue", "ResultQueue", "ResultDeadLetterQueue")
# How much of a place is shown around what was found.
SHOWN = 160

Places = dict[str, list[str]]


def no_secrets(world: World) -> None:
    """No API key, client secret, token or key of the stack is anywhere but in Secrets Manager and on its way."""
    stack = world.ops.stack
    secrets = world.marks.all()["secret"] | {stack.master_client_secret, stack.callback_secret}
    searched = places(world)
    assert not found(secrets, searched)
    # SmartRecruiters calls an address that carries this one: there alone may it stand.
    assert not found({stack.disconnect_key}, {name: texts for name, texts in searched.items() if name != "URL"})


def no_personal_data(world: World) -> None:
    """No candidate's name or address is anywhere but with the invitation and on its way to the partners."""
    assert not found(world.marks.all()["person"], places(world))


def places(world: World) -> Places:
    """Every text in which neither may stand, by where it is."""
    every = {
        "log": list(_log_lines(world)),
        "message": [body for queue in QUEUES for body in world.ops.messages(queue)],
        "table": list(_items(world)),
        "URL": [f"{call['path']}?{call['query']}" for call in _calls(world)],
        "error body": [json.dumps(call["response_body"]) for call in _calls(world) if _is_error_of_ours(call)],
    }
    # Where every test has run, some were answered by an error.
    expected = ("log", "table", "URL", *(["error body"] if os.environ.get(ALL_TESTS) == "1" else []))
    for name in expected:
        assert every[name], f"nothing was searched: {name}"
    return every


def found(words: set[str], searched: Places) -> list[str]:
    """Where one of the words stands, with what is around it; whatever the case of letters."""
    leaks = []
    for name, texts in searched.items():
        whole = "\n".join(texts).lower()
        for word in words:
            at = whole.find(word.lower())
            if at >= 0:
                leaks.append(f"{name}: …{whole[max(0, at - SHOWN):at + len(word) + SHOWN]}…")
    return leaks


def _log_lines(world: World) -> Iterator[str]:
    """Every line of every log group of the stack, metrics in embedded format among them."""
    pages = world.ops.aws("logs").get_paginator("describe_log_groups").paginate()
    for name in [group["logGroupName"] for page in pages for group in page["logGroups"]]:
        try:
            yield from log.whole(world, name)
        except ClientError as error:
            # Tests plant groups of their own and take them away again.
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise


def _items(world: World) -> Iterator[str]:
    """Every item of the table; of an invitation without its candidate, which alone may hold personal data."""
    pages = world.ops.aws("dynamodb").get_paginator("scan").paginate(TableName=world.ops.stack.outputs["TableName"])
    for page in pages:
        for item in page["Items"]:
            is_invitation = item["sk"]["S"].startswith("INVITATION#")
            kept = {name: value for name, value in item.items() if not (is_invitation and name == "candidate")}
            yield json.dumps(kept)


def _calls(world: World) -> list[dict[str, Any]]:
    """Every call between the product and the partners, in both directions."""
    return [*world.smartrecruiters.get("calls"), *world.testgorilla.get("calls")]


def _is_error_of_ours(call: dict[str, Any]) -> bool:
    """Whether a partner called us and was answered by an error."""
    return call["direction"] == "out" and (call["status"] or 0) >= 400
