"""docs/operations.md, word for word: from nothing to a connected company, a change, going back, a restore.

The stack that it deploys lies beside the one of the other tests, in the same account. The tests are steps of one walk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from support.world import Scene, World

from stack import build, deploy, swap
from stack.description import Stack
from stack.settings import REGION

from . import beside, document
from .document import Shell

SCORES = {"Python": 90, "Communication": 70}
DEPLOYING = document.blocks("Deploying")
CHANGING = document.blocks("Changing something, and going back")
RESTORING = document.blocks("Backup and restore")


@dataclass
class Walk:
    """Somebody who follows the document."""

    second: Stack
    shell: Shell
    aws: Callable[[str], Any]
    # What the shell printed, block by block.
    printed: list[str]
    world: World

    def live(self, variable: str) -> set[str]:
        """A variable of every function's live version."""
        names = deploy.functions(self.second).values()
        return {self.aws("lambda").get_function_configuration(FunctionName=name, Qualifier=swap.ALIAS)["Environment"]["Variables"][variable]
                for name in names}


@pytest.fixture(scope="module")
def walk(stack: Stack, aws: Callable[[str], Any]) -> Iterator[Walk]:
    """The document's section from nothing to the look at what was deployed."""
    mine, deployed, protected, master, register, doctor, look = DEPLOYING[:7]
    ops = build.ops(stack)
    with beside.beside(stack) as second, beside.built_aside():
        shell = beside.shell(second, ops)
        shell.sets(mine, {"STACK": deploy.cloudformation_name(second), "AWS_REGION": REGION,
                          "PARAMETERS": str(beside.parameters(second)), "MASTER_ID": beside.MASTER[0]})
        printed = [shell.runs(deployed, typed="y\n"), shell.runs(protected)]
        beside.is_deployed(second)
        printed += [shell.runs(master, typed=beside.MASTER[1]), shell.runs(register), looks(shell, doctor), shell.runs(look)]
        yield Walk(second, shell, aws, printed, beside.world(second, aws))


def looks(shell: Shell, block: str) -> str:
    """Runs a block that ends with `ops doctor`, and finds no failure. The emulated CloudWatch does not tell one stack's errors from another's:
    what other tests have broken raises the alarms of this one, too."""
    told = shell.runs(f"{block.rstrip()} || [ $? = 1 ]")
    failures = [line for line in told.splitlines() if "  failure  " in line and not line.startswith("alarms ")]
    assert "dead letters" in told and not failures
    return told


@pytest.fixture(scope="module")
def connected(walk: Walk) -> Scene:
    """A company that was connected on the second stack."""
    return walk.world.scene()


def test_every_function_is_live_in_this_deployment_and_every_route_answers(walk: Walk) -> None:
    counted, codes = walk.printed[-1].strip().splitlines()
    assert counted.split() == ["8", *walk.live("REVISION")]
    assert codes.split() == ["401", "200", "401"]


def test_the_doctor_finds_nothing_wrong_with_what_was_deployed(walk: Walk) -> None:
    assert "registration     ok" in walk.printed[-2]


def test_no_secret_was_printed(walk: Walk) -> None:
    assert not [text for text in walk.printed if beside.MASTER[1] in text or walk.second.disconnect_key in text]


def test_a_company_connects_orders_and_sees_the_result(walk: Walk, connected: Scene) -> None:
    candidate, order = connected.orders()
    connected.account.takes(connected.invited(candidate), scores=SCORES)
    connected.company.shows(order, "COMPLETED")
    assert connected.company.name in walk.shell.runs(DEPLOYING[8])


def test_the_callbacks_address_and_secret_are_what_testgorilla_was_given(walk: Walk) -> None:
    address, secret = walk.shell.runs(DEPLOYING[7]).split()
    assert address == f"{walk.second.api_url}/callbacks/testgorilla"
    assert secret == walk.second.callback_secret


def test_two_stacks_know_nothing_of_each_other(walk: Walk, connected: Scene, scene: Scene) -> None:
    """The second stack's company is none of the first one's, nor the other way round, and a token of one opens nothing of the other."""
    token = connected.company.token()
    assert walk.world.product.call("GET", "/packages", token).status_code in (200, 204)
    assert scene.world.product.call("GET", "/packages", token).status_code == 401
    assert walk.world.product.call("GET", "/packages", scene.company.token()).status_code == 401
    assert scene.world.ops.items(scene.company.name) and not walk.world.ops.items(scene.company.name)
    assert walk.world.ops.items(connected.company.name) and not scene.world.ops.items(connected.company.name)
    assert resources(walk, walk.second) & resources(walk, scene.world.ops.stack) == set()


def resources(walk: Walk, stack: Stack) -> set[tuple[str, str]]:
    """Kind and name of everything in a stack; a stage is named within its API."""
    pages = walk.aws("cloudformation").get_paginator("list_stack_resources").paginate(StackName=deploy.cloudformation_name(stack))
    found = {(resource["ResourceType"], resource["PhysicalResourceId"]) for page in pages for resource in page["StackResourceSummaries"]}
    return {(kind, name) for kind, name in found if kind != "AWS::ApiGatewayV2::Stage"}


def test_a_changed_parameter_is_live_after_the_next_deployment(walk: Walk) -> None:
    before = walk.live("REVISION")
    assert walk.live("LOG_LEVEL") == {"info"}
    beside.parameters(walk.second, LogLevel="debug")
    walk.shell.runs(DEPLOYING[1], typed="y\n")
    assert walk.live("LOG_LEVEL") == {"debug"}
    assert walk.live("REVISION") != before


def test_going_back_by_hand_is_an_earlier_deployment_at_once(walk: Walk, connected: Scene) -> None:
    first = walk.printed[-1].split()[1]
    assert first in walk.shell.runs(CHANGING[0])
    walk.shell.sets(CHANGING[1], {"GOOD": first})
    assert walk.live("REVISION") == {first}
    assert walk.live("LOG_LEVEL") == {"info"}
    candidate, order = connected.orders()
    connected.invited(candidate)
    assert connected.company.order(order)["status"] == "PENDING"


def test_what_the_table_has_lost_is_copied_back_and_what_is_newer_stays(walk: Walk, connected: Scene) -> None:
    lost_candidate, lost_order = connected.orders()
    candidature = connected.invited(lost_candidate)
    restores(walk, "")
    loses(walk, connected, "INVITATION#", "ORDER#")
    # A candidate whom the table has not heard of, and the one whose invitation it has lost.
    newer, newer_order = connected.orders()
    _, second_order = connected.orders(lost_candidate, again=True)
    connected.company.learns(second_order)
    told = walk.shell.runs(RESTORING[2])
    looks(walk.shell, RESTORING[3])
    copied = re.search(r"copied back: (?:(\d+) invitations?, )?(\d+) orders?\.", told)
    assert copied and int(copied[2]) == int(copied[1] or 0) + 1, "an invitation that was made anew stays"
    connected.account.takes(candidature, callback="none", scores=SCORES)
    for order in (lost_order, second_order):
        connected.company.shows(order, "COMPLETED", meanwhile=connected.hasten)
    connected.account.takes(connected.invited(newer), scores=SCORES)
    connected.company.shows(newer_order, "COMPLETED")
    walk.shell.runs(RESTORING[4])
    assert len(connected.account.mails(lost_candidate.email)) == 1


def test_a_company_that_was_lost_whole_is_copied_back(walk: Walk, connected: Scene) -> None:
    """With all that it needs: its token opens the list, and who was invited before goes on."""
    candidate, order = connected.orders()
    candidature = connected.invited(candidate)
    name = "-again"
    restores(walk, name)
    again = RESTORING[2].replace("-restored", f"-restored{name}")
    loses(walk, connected, "")
    assert not walk.world.ops.items(connected.company.name, "I")
    counted = walk.shell.runs(again.replace("--yes", "--dry-run"))
    assert "1 integration" in counted and "client" not in counted
    assert not walk.world.ops.items(connected.company.name, "I"), "--dry-run changes nothing"
    assert "1 integration" in walk.shell.runs(again)
    assert walk.shell.runs(again).startswith("0 items copied back.")
    assert connected.company.name in walk.shell.runs(DEPLOYING[8]), "it is listed"
    connected.account.takes(candidature, callback="none", scores=SCORES)
    connected.company.shows(order, "COMPLETED", meanwhile=connected.hasten)
    assert walk.world.product.call("GET", "/packages", connected.company.token()).status_code == 200
    walk.shell.runs(RESTORING[4].replace("-restored", f"-restored{name}"))


def restores(walk: Walk, name: str) -> None:
    """DynamoDB restores the table as it is now: the emulated one knows no other moment."""
    walk.shell.sets(RESTORING[0], {"BEFORE": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})
    walk.shell.runs(RESTORING[1].replace("-restored", f"-restored{name}"))


def loses(walk: Walk, connected: Scene, *kinds: str) -> None:
    """The table loses a company's items of some kinds."""
    for item in walk.world.ops.items(connected.company.name):
        if item["sk"].startswith(kinds):
            walk.aws("dynamodb").delete_item(TableName=walk.second.outputs["TableName"],
                                             Key={"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}})


@pytest.mark.parametrize(("table", "code", "sentence"), [
    ("$TABLE", 2, "is the stack's own table"),
    ("$TABLE-nowhere", 7, "There is no table called"),
])
def test_what_is_no_restored_table_is_not_copied_from(walk: Walk, table: str, code: int, sentence: str) -> None:
    told = walk.shell.runs(f'code=0; ops restore --from-table "{table}" --yes 2>&1 || code=$?; echo "exit code $code"')
    assert sentence in told and f"exit code {code}" in told


def test_a_protected_stack_and_table_refuse_to_be_deleted(walk: Walk) -> None:
    assert not beside.deletes(walk.second, walk.aws)
    described = walk.aws("dynamodb").describe_table(TableName=walk.second.outputs["TableName"])["Table"]
    assert described["DeletionProtectionEnabled"]


def test_the_first_stack_goes_on_without_the_second(walk: Walk, scene: Scene) -> None:
    walk.aws("cloudformation").update_termination_protection(StackName=deploy.cloudformation_name(walk.second),
                                                             EnableTerminationProtection=False)
    assert beside.deletes(walk.second, walk.aws)
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), scores=SCORES)
    scene.company.shows(order, "COMPLETED")


def test_every_block_of_these_sections_was_run() -> None:
    assert (len(DEPLOYING), len(CHANGING), len(RESTORING)) == (9, 2, 5)
