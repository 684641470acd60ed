"""What MiniStack leaves undone of the deployed template, done here and nowhere else.

- It ignores the body of an HTTP API, in which SAM puts all routes: they are made one by one.
- The output ApiUrl names an AWS host: the address under MiniStack's own is put in its place.
- It ignores ExcludePunctuation in generated secrets: the callback secret would not be base64. Its value is set
  here, and the partner secret's too, whose master pair a person fills in after a deployment to AWS.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

from . import deploy
from .description import Stack
from .swap import ALIAS


def close(stack: Stack) -> None:
    """Makes routes, address and secrets what they are in AWS, and fills in the master pair."""
    leave_as_deployed(stack)
    _fill_in(stack, stack.master_client_id, stack.master_client_secret)


def leave_as_deployed(stack: Stack) -> None:
    """Makes them what they are in AWS after a deployment, when nobody has filled in anything."""
    _make_routes(stack)
    stack.disconnect_key = secrets.token_hex(24)
    stack.callback_secret = f"whsec_{base64.b64encode(secrets.token_bytes(48)).decode()}"
    deploy.client(stack, "secretsmanager").put_secret_value(SecretId=stack.outputs["CallbackSecretArn"],
                                                            SecretString=stack.callback_secret)
    _fill_in(stack, "", "")
    stack.save()


def _make_routes(stack: Stack) -> None:
    """Creates an integration and a route for every operation in the body of the transformed template's API."""
    name = deploy.cloudformation_name(stack)
    cloudformation = deploy.client(stack, "cloudformation")
    template = cloudformation.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    api = cloudformation.describe_stack_resource(StackName=name, LogicalResourceId="Api")
    api_id = api["StackResourceDetail"]["PhysicalResourceId"]
    functions = deploy.functions(stack)
    gateway = deploy.client(stack, "apigatewayv2")
    awslambda = deploy.client(stack, "lambda")
    existing = {route["RouteKey"] for route in gateway.get_routes(ApiId=api_id)["Items"]}
    for key, function in _operations(template):
        if key in existing:
            continue
        arn = awslambda.get_alias(FunctionName=functions[function], Name=ALIAS)["AliasArn"]
        integration = gateway.create_integration(ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=arn,
                                                 PayloadFormatVersion="2.0")
        gateway.create_route(ApiId=api_id, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}")
    stack.api_url = f"{stack.endpoint}/_aws/execute-api/{api_id}/$default"
    stack.outputs["ApiUrl"] = stack.api_url


def _operations(template: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Route key and function's logical id of every operation."""
    for path, operations in template["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
        for method, operation in operations.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            # SAM calls the alias after the function and itself.
            found = re.search(rf"functions/\$\{{(\w+)Alias{ALIAS}\}}", uri)
            assert found is not None, uri
            yield f"{method.upper()} {path}", found.group(1)


def _fill_in(stack: Stack, client_id: str, client_secret: str) -> None:
    """Sets the partner secret."""
    value = {"clientId": client_id, "clientSecret": client_secret, "disconnectKey": stack.disconnect_key}
    deploy.client(stack, "secretsmanager").put_secret_value(SecretId=stack.outputs["PartnerSecretArn"],
                                                            SecretString=json.dumps(value))
