"""Each function may do what it does, and nothing else. What the whole run has used is checked after all tests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import privileges
from support.rights import Right, excess, granted, lacking
from support.world import Scene, World

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/t"
READ = Right("OrdersFunction", "dynamodb:GetItem", TABLE)
SECRETS = "arn:aws:secretsmanager:us-east-1:000000000000:secret:stack/companies/"


def test_what_is_granted_and_used_is_neither_excess_nor_lack() -> None:
    grants = granted("OrdersFunction", [{"Action": ["dynamodb:GetItem"], "Resource": TABLE},
                                        {"Action": "secretsmanager:GetSecretValue", "Resource": [f"{SECRETS}*"]}])
    uses = {READ, Right("OrdersFunction", "secretsmanager:GetSecretValue", f"{SECRETS}one-abcdef")}
    assert (lacking(grants, uses), excess(grants, uses)) == ([], [])


@pytest.mark.parametrize("use", [
    replace(READ, action="dynamodb:PutItem"),
    replace(READ, resource=f"{TABLE}/index/due"),
    replace(READ, resource=f"{TABLE}s"),
    replace(READ, function="TokenFunction"),
], ids=["action", "index", "table", "function"])
def test_a_planted_lack_is_found(use: Right) -> None:
    assert lacking([READ], [READ, use]) == [str(use)]


@pytest.mark.parametrize("grant", [
    replace(READ, action="dynamodb:Scan"),
    replace(READ, resource=f"{TABLE}/index/*"),
    replace(READ, function="TokenFunction"),
], ids=["action", "index", "function"])
def test_a_planted_excess_is_found(grant: Right) -> None:
    assert excess([READ, grant], [READ]) == [str(grant)]


def test_a_grant_of_two_resources_is_used_on_both() -> None:
    grants = granted("OrdersFunction", [{"Action": "dynamodb:GetItem", "Resource": [TABLE, f"{TABLE}/index/due"]}])
    assert excess(grants, [READ]) == [f"OrdersFunction: dynamodb:GetItem on {TABLE}/index/due"]


def test_on_the_stack_that_is_up_a_right_taken_away_would_be_missed(scene: Scene) -> None:
    scene.orders()
    grants, uses = privileges.grants(scene.world), privileges.uses(scene.world)
    writes = {use for use in uses if use.function == "OrdersFunction" and use.action == "dynamodb:PutItem"}
    assert len(writes) == 1
    [write] = writes
    assert str(write) not in lacking(grants, uses)
    assert str(write) in lacking([grant for grant in grants if not grant.covers(write)], uses)


def test_on_the_stack_that_is_up_a_right_too_many_would_be_noticed(scene: Scene) -> None:
    scene.orders()
    uses = privileges.uses(scene.world)
    used = next(use for use in uses if use.function == "OrdersFunction" and use.action == "dynamodb:GetItem")
    planted = replace(used, action="dynamodb:Scan")
    found = excess([*privileges.grants(scene.world), planted], uses)
    assert str(planted) in found and str(used) not in found


def test_nobody_but_the_functions_calls_by_the_proxy(world: World) -> None:
    assert "nobody known" not in {use.function for use in privileges.uses(world)}
