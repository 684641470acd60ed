"""The search for leaks finds what is planted, wherever it is."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import pytest
from support import leaks
from support.turns import alone
from support.world import World


def _log(world: World, mark: str) -> Callable[[], object]:
    logs, group = world.ops.aws("logs"), f"/planted/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    event = {"timestamp": int(time.time() * 1000), "message": f'{{"event":"planted","email":"{mark.upper()}"}}'}
    logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=[event])
    return lambda: logs.delete_log_group(logGroupName=group)


def _message(world: World, mark: str) -> Callable[[], object]:
    body = f'{{"email":"{mark}"}}'
    world.ops.sends("ResultDeadLetterQueue", body)
    return lambda: world.ops.messages("ResultDeadLetterQueue", without=body)


def _item(world: World, mark: str) -> Callable[[], object]:
    dynamodb, table = world.ops.aws("dynamodb"), world.ops.stack.outputs["TableName"]
    key = {"pk": {"S": f"PLANTED#{uuid.uuid4().hex}"}, "sk": {"S": "ORDER#planted"}}
    dynamodb.put_item(TableName=table, Item={**key, "candidate": {"M": {"email": {"S": mark}}}})
    return lambda: dynamodb.delete_item(TableName=table, Key=key)


@pytest.mark.parametrize(("place", "plant"), [("log", _log), ("message", _message), ("table", _item)])
def test_a_planted_leak_is_found(world: World, place: str, plant: Callable[[World, str], Callable[[], object]]) -> None:
    mark = f"planted.{uuid.uuid4().hex}@applicant.example"
    assert not leaks.found({mark}, leaks.places(world))
    # Whoever puts dead letters back hides them meanwhile.
    with alone(world.ops.stack, "ResultQueue"):
        remove = plant(world, mark)
        try:
            [leak] = leaks.found({mark}, leaks.places(world))
        finally:
            remove()
    assert leak.startswith(f"{place}: ")
    assert mark in leak


@pytest.mark.parametrize("place", ["log", "message", "table", "URL", "error body"])
def test_every_place_is_searched_whatever_the_case(place: str) -> None:
    searched = {"log": ["a"], "message": [], "table": ["b"], "URL": ["c"], "error body": ["d"]}
    assert leaks.found({"Juno@Example.com"}, searched) == []
    assert len(leaks.found({"Juno@Example.com"}, {**searched, place: ["x", "to JUNO@example.COM!"]})) == 1


def test_a_candidate_stands_with_the_invitation_alone(world: World) -> None:
    scene = world.scene()
    candidate, _ = scene.orders()
    # It is stored, where it may be, and found nowhere.
    assert candidate.email in str(world.ops.invitations(scene.company.name))
    assert not leaks.found({candidate.email, candidate.last_name}, leaks.places(world))
