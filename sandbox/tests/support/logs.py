"""What must not be in the logs: secrets, and who the candidates are."""

from __future__ import annotations

from collections.abc import Iterator

from .world import World

QUEUES = ("InvitationQueue", "InvitationDeadLetterQueue", "ResultQueue", "ResultDeadLetterQueue")


def no_secrets(world: World) -> None:
    """No API key, client secret, token or disconnect key was logged."""
    stack = world.ops.stack
    secrets = world.marks.all()["secret"] | {stack.disconnect_key, stack.master_client_secret, stack.callback_secret}
    _must_not_hold(secrets, log_lines(world))


def no_personal_data(world: World) -> None:
    """No candidate's name or address was logged or put into a message."""
    persons = world.marks.all()["person"]
    lines = [*log_lines(world), *(body for queue in QUEUES for body in world.ops.messages(queue))]
    _must_not_hold(persons, [line.lower() for line in lines])


def log_lines(world: World) -> list[str]:
    """Every line of every log group of the stack."""
    lines = list(_lines(world))
    assert any('"event"' in line for line in lines), "no function has logged anything"
    return lines


def _lines(world: World) -> Iterator[str]:
    logs = world.ops.aws("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            for event in page["events"]:
                yield event["message"]


def _must_not_hold(words: set[str], lines: list[str]) -> None:
    text = "\n".join(lines)
    found = [word for word in words if word in text or word.lower() in text]
    assert not found, [next(line for line in lines if word in line or word.lower() in line) for word in found]
