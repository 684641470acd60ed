"""What each function of the deployed stack is granted, and what it has used since the stack came up.

The proxy between the functions and the emulated AWS has seen every call, whichever tests made it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from stack import deploy
from stack.settings import REGION
from stack.swap import ALIAS

from .control import Control
from .rights import Right, excess, granted, lacking
from .world import World

ACCOUNT = "000000000000"

# Set where every test of the stack has run: what was not used by then is not needed.
ALL_TESTS = "ALL_TESTS_HAVE_RUN"

# Granted, and not used in any test. Function, action, end of the resource's pattern, and why it is granted all the same.
UNTESTED: list[tuple[str, str, str, str]] = []


def nothing_is_lacking(world: World) -> None:
    """Every call that a function has made is granted by its policy."""
    found = lacking(grants(world), uses(world) | by_lambda(world))
    assert not found, "\n".join(found)


def nothing_is_in_excess(world: World) -> None:
    """Every right that a policy grants was used by its function."""
    if os.environ.get(ALL_TESTS) != "1":
        pytest.skip("not every test has run: what was not used may be used by another one")
    needed = uses(world) | by_lambda(world)
    found = excess([grant for grant in grants(world) if not _untested(grant)], needed)
    assert not found, "\n".join(found)


def grants(world: World) -> list[Right]:
    """What the deployed policies grant."""
    return [right for function in world.ops.functions for right in granted(function, statements(world, function))]


def statements(world: World, function: str) -> Iterator[dict[str, Any]]:
    """The statements of a function's policies."""
    name = deploy.cloudformation_name(world.ops.stack)
    described = world.ops.aws("cloudformation").describe_stack_resource(
        StackName=name, LogicalResourceId=function.replace("Function", "Role"))
    role = described["StackResourceDetail"]["PhysicalResourceId"]
    iam = world.ops.aws("iam")
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield from iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]


def uses(world: World) -> set[Right]:
    """What the functions have used, as the proxy has seen it."""
    logical = {physical: name for name, physical in world.ops.functions.items()}
    seen = Control(world.ops.stack.proxy_url).get("uses")
    assert seen, "the proxy has seen no call"
    # Other stacks in the account have functions, too.
    seen = [use for use in seen if use["function"] is None or use["function"] in logical]
    return {Right(logical.get(use["function"], "nobody known"), use["action"], _arn(use["action"], use["resource"]))
            for use in seen}


def by_lambda(world: World) -> set[Right]:
    """What the Lambda service does with a function's role: it writes the log, and it receives and deletes messages."""
    found = set()
    for function, name in world.ops.functions.items():
        configuration = world.ops.aws("lambda").get_function_configuration(FunctionName=name)
        group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{configuration['LoggingConfig']['LogGroup']}:*"
        found |= {Right(function, action, group) for action in ("logs:CreateLogStream", "logs:PutLogEvents")}
        for mapping in world.ops.aws("lambda").list_event_source_mappings(FunctionName=f"{name}:{ALIAS}")["EventSourceMappings"]:
            found |= {Right(function, action, mapping["EventSourceArn"])
                      for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")}
    return found


def _arn(action: str, resource: str) -> str:
    """The ARN of a resource that a call has named. A secret's has six characters that only AWS knows."""
    if resource.startswith("arn:"):
        return resource
    service = action.partition(":")[0]
    suffix = "-??????" if service == "secretsmanager" else ""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}{suffix}"


def _untested(grant: Right) -> bool:
    """Whether the grant is one of the exceptions."""
    return any(grant.function == function and grant.action == action and grant.resource.endswith(end)
               for function, action, end, _ in UNTESTED)
