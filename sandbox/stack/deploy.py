"""Deploys the built template with `sam deploy`; only parameters differ from AWS."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import boto3

from . import progress
from .description import Stack
from .settings import REGION, SAMCONFIG, aws_environment


def client(stack: Stack, service: str) -> Any:
    """A boto3 client of the emulated AWS."""
    return boto3.client(service, endpoint_url=stack.endpoint, region_name=REGION, aws_access_key_id="test",
                        aws_secret_access_key="test")


def cloudformation_name(stack: Stack) -> str:
    """The stack's name in the emulated AWS."""
    return f"assessments-{stack.name}"


def parameters(stack: Stack) -> dict[str, str]:
    """The template's parameters for stand-ins on the loopback interface and short waits.

    A variable of the parameter's name in capitals (`INVITATION_DELAY_SECONDS`) sets another value.
    """
    waits = {"INVITATION_DELAY_SECONDS": "5", "RECONCILE_MINUTES": "1", "CATALOGUE_MAX_AGE_SECONDS": "5",
             "PERSONAL_DATA_DAYS": "90", "INVITATIONS_PER_MINUTE": "60",
             "LOG_LEVEL": "info"}
    chosen = {name: os.environ.get(name, value) for name, value in waits.items()}
    return {
        "SmartRecruitersApiUrl": stack.smartrecruiters_url,
        "SmartRecruitersHosts": "127.0.0.1,localhost",
        "TestGorillaApiUrl": f"{stack.testgorilla_url}/api",
        "CandidatePageUrl": f"{stack.testgorilla_url}/customer/assessments/{{assessment}}/candidates/{{testtaker}}"
                            "?candidature={candidature}",
        # MiniStack does not know them.
        "SavedQueries": "false",
        **{name.title().replace("_", ""): value for name, value in chosen.items()},
    }


def deploy(stack: Stack) -> None:
    """Deploys the template and reads its outputs."""
    file = stack.folder / "parameters.yaml"
    # JSON is YAML, and YAML is what SAM takes.
    file.write_text(json.dumps(parameters(stack), indent=2))
    progress.run("Deploying template.yaml",
                 ["sam", "deploy", "--config-file", str(SAMCONFIG), "--config-env", "local", "--template-file",
                  str(stack.template), "--stack-name", cloudformation_name(stack), "--region", REGION,
                  "--parameter-overrides", f"file://{file}"],
                 aws_environment(stack.endpoint), log=stack.folder / "deploy.log", at=r"^((?:CREATE|UPDATE)_.*?)\s*$")
    read_outputs(stack)


def read_outputs(stack: Stack) -> None:
    """Reads the outputs of what was deployed."""
    described = client(stack, "cloudformation").describe_stacks(StackName=cloudformation_name(stack))["Stacks"][0]
    stack.outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    stack.save()


def functions(stack: Stack) -> dict[str, str]:
    """Name of every deployed function by its logical id."""
    pages = client(stack, "cloudformation").get_paginator("list_stack_resources")
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=cloudformation_name(stack))
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }


def write_functions_environment(stack: Stack, path: Path) -> None:
    """Writes the deployed variables, and the endpoint, for `sam local invoke --env-vars`.

    They are the same for every function, hence one block for all. In a container 127.0.0.1 is the container itself;
    `localhost` can be given a second meaning.
    """
    name = functions(stack)["OrdersFunction"]
    variables = client(stack, "lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    variables["AWS_ENDPOINT_URL"] = stack.endpoint
    for key in ("AWS_ENDPOINT_URL", "SMARTRECRUITERS_API_URL", "TESTGORILLA_API_URL"):
        variables[key] = variables[key].replace("//127.0.0.1:", "//localhost:")
    path.write_text(json.dumps({"Parameters": variables}, indent=2) + "\n")
