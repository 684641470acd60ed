"""The deployed template: what is reachable, and what each function may do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from samcli.yamlhelper import yaml_parse
from support.turns import alone
from stack import deploy, tools
from stack.description import Stack
from stack.settings import REGION, ROOT

ROUTES = {
    "GET /integration",
    "POST /integration",
    "DELETE /integrations/{disconnectKey}/companies/{companyId}",
    "DELETE /integrations/companies/{companyId}",
    "POST /oauth/token",
    "GET /packages",
    "GET /packages/{assessmentPackageId}",
    "POST /packages/orders",
    "POST /packages/inline/orders",
    "POST /callbacks/testgorilla",
}
# Requests a second, and at once: of everything together, and of what needs no credential but costs something to refuse.
LIMIT = (500, 2000)
LIMITS = {
    "POST /integration": (10, 20),
    "POST /oauth/token": (50, 200),
    "POST /callbacks/testgorilla": (50, 200),
}
FUNCTIONS = {
    "ConsentFunction",
    "TokenFunction",
    "AssessmentsFunction",
    "OrdersFunction",
    "InvitationsFunction",
    "CallbacksFunction",
    "ResultsFunction",
    "ReconcileFunction",
}


def test_the_api_serves_the_published_routes_and_no_others(stack: Stack, aws: Callable[[str], Any]) -> None:
    api_id = _physical_id(stack, aws, "Api")
    routes = {route["RouteKey"] for route in aws("apigatewayv2").get_routes(ApiId=api_id)["Items"]}
    assert routes == ROUTES


def test_the_routes_that_anybody_may_post_to_have_limits_of_their_own() -> None:
    """Read from the template itself: the emulated gateway keeps no limits."""
    api = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]["Api"]["Properties"]
    assert _limit(api["DefaultRouteSettings"]) == LIMIT
    assert {route: _limit(settings) for route, settings in api["RouteSettings"].items()} == LIMITS
    # A limit for a route that there is not would fail the deployment.
    assert set(LIMITS) <= ROUTES


def test_an_invitation_whose_message_is_lost_is_sent_in_the_promised_time_whatever_the_parameters() -> None:
    """Half an hour: the longest delay, a minute more until it is due without its message, and the longest wait for a run."""
    parameters = yaml_parse((ROOT / "template.yaml").read_text())["Parameters"]
    delay, runs = (parameters[name]["MaxValue"] for name in ("InvitationDelaySeconds", "ReconcileMinutes"))
    assert delay + 60 + 60 * runs < 30 * 60


def test_the_functions_that_may_go_round_in_circles_are_those_that_send_to_the_queue_that_calls_them() -> None:
    """Read from the template itself: the emulated CloudFormation leaves it out."""
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    allowed = {name for name in FUNCTIONS if resources[name]["Properties"].get("RecursiveLoop") == "Allow"}
    assert allowed == {name for name in FUNCTIONS if _called_by(resources, name) & _sends_to(resources, name)}


def test_the_document_names_the_version_of_sam_that_is_tested() -> None:
    pinned = re.search(r"^aws-sam-cli==(\S+)$", (tools.REQUIREMENTS / "tools.in").read_text(), re.MULTILINE)
    assert pinned and f"The SAM CLI was tested as {pinned[1]};" in (ROOT / "docs" / "operations.md").read_text()


def test_every_function_is_deployed(functions: dict[str, str]) -> None:
    assert set(functions) == FUNCTIONS


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_may_do_named_things_to_resources_of_its_stack_alone(
    stack: Stack, aws: Callable[[str], Any], function: str
) -> None:
    own = deploy.cloudformation_name(stack)
    statements = list(_statements(stack, aws, function))
    assert statements
    for statement in statements:
        assert statement["Effect"] == "Allow"
        for action in _list(statement["Action"]):
            assert "*" not in action
            assert not action.startswith("iam:")
            assert action != "logs:CreateLogGroup"
        for resource in _list(statement["Resource"]):
            assert resource.startswith("arn:aws:")
            assert own in resource


@pytest.mark.parametrize(("function", "entitled"), [(name, name == "ConsentFunction") for name in sorted(FUNCTIONS)])
def test_the_master_credentials_are_for_consent_alone(
    stack: Stack, aws: Callable[[str], Any], function: str, entitled: bool
) -> None:
    arn = stack.outputs["PartnerSecretArn"]
    assert any(arn in _list(statement["Resource"]) for statement in _statements(stack, aws, function)) is entitled


def test_policies_are_enforced_here(stack: Stack, aws: Callable[[str], Any]) -> None:
    role = aws("iam").get_role(RoleName=_physical_id(stack, aws, "TokenRole"))["Role"]["Arn"]
    lent = aws("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    table = boto3.client(
        "dynamodb",
        endpoint_url=stack.endpoint,
        region_name=REGION,
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
    )
    item = {"pk": {"S": "test"}, "sk": {"S": "test"}}
    assert "Item" not in table.get_item(TableName=stack.outputs["TableName"], Key=item)
    with pytest.raises(ClientError) as refused:
        table.put_item(TableName=stack.outputs["TableName"], Item=item)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_the_generated_callback_secret_is_base64_of_an_allowed_length(stack: Stack, aws: Callable[[str], Any]) -> None:
    name = deploy.cloudformation_name(stack)
    template = aws("cloudformation").get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    generated = template["Resources"]["CallbackSecret"]["Properties"]["GenerateSecretString"]
    assert generated["ExcludePunctuation"] is True
    assert generated["PasswordLength"] % 4 == 0
    assert 24 <= generated["PasswordLength"] // 4 * 3 <= 64


def test_messages_that_fail_go_to_a_queue_of_their_own(stack: Stack, aws: Callable[[str], Any]) -> None:
    for name in ("Invitation", "Result"):
        queue = _attributes(aws, stack.outputs[f"{name}QueueUrl"])
        dead = _attributes(aws, stack.outputs[f"{name}DeadLetterQueueUrl"])
        redrive = json.loads(queue["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"] == dead["QueueArn"]
        assert int(redrive["maxReceiveCount"]) == 5
        assert int(dead["MessageRetentionPeriod"]) > int(queue["MessageRetentionPeriod"])


def test_a_message_stays_hidden_six_times_as_long_as_its_function_may_run(
    stack: Stack, aws: Callable[[str], Any], functions: dict[str, str]
) -> None:
    for function, name in (("InvitationsFunction", "Invitation"), ("ResultsFunction", "Result")):
        timeout = aws("lambda").get_function_configuration(FunctionName=functions[function])["Timeout"]
        with alone(stack, f"{name}Queue"):
            queue = _attributes(aws, stack.outputs[f"{name}QueueUrl"])
        assert int(queue["VisibilityTimeout"]) >= 6 * timeout


def _called_by(resources: dict[str, Any], function: str) -> set[str]:
    """The queues that call a function."""
    events = resources[function]["Properties"].get("Events", {}).values()
    return {event["Properties"]["Queue"]["Fn::GetAtt"][0] for event in events if event["Type"] == "SQS"}


def _sends_to(resources: dict[str, Any], function: str) -> set[str]:
    """The queues that a function may send to."""
    [own] = [policy for policy in resources[function.replace("Function", "Role")]["Properties"]["Policies"] if "PolicyName" in policy]
    statements = own["PolicyDocument"]["Statement"]
    sent = [statement["Resource"] for statement in statements if "sqs:SendMessage" in _list(statement["Action"])]
    return {queue["Fn::GetAtt"][0] for resource in sent for queue in (resource if isinstance(resource, list) else [resource])}


def _limit(settings: dict[str, Any]) -> tuple[int, int]:
    return settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]


def _physical_id(stack: Stack, aws: Callable[[str], Any], logical_id: str) -> str:
    name = deploy.cloudformation_name(stack)
    answer = aws("cloudformation").describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
    return str(answer["StackResourceDetail"]["PhysicalResourceId"])


def _statements(stack: Stack, aws: Callable[[str], Any], function: str) -> Iterator[dict[str, Any]]:
    """Everything that a function's role allows. It has no policies but those written in it."""
    role = _physical_id(stack, aws, function.replace("Function", "Role"))
    assert not aws("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    for policy in aws("iam").list_role_policies(RoleName=role)["PolicyNames"]:
        yield from aws("iam").get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]


def _attributes(aws: Callable[[str], Any], url: str) -> dict[str, str]:
    return dict(aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
