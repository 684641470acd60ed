"""What a deployment makes of the template: everything calls an alias, and no name is another stack's, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from stack import deploy, swap
from stack.description import Stack
from stack.settings import REGION, ROOT

# Properties that name a resource for the whole account and region. An alias is named within its function.
NAMES = {"AlarmName", "ApplicationName", "DashboardName", "DeploymentGroupName", "FunctionName", "LogGroupName", "Name", "QueueName",
         "RoleName", "TableName", "TopicName"}

# A resource, or an attribute of one, within a text that is filled in.
IN_A_TEXT = re.compile(r"\$\{(\w+)(?:\.[\w.]+)?\}")

# Alarms on messages that fail, of the functions that work on a queue.
ON_MESSAGES = {"Invitations": "InvitationMessagesFailedAlarm", "Results": "ResultMessagesFailedAlarm"}


def transformed(monkeypatch: pytest.MonkeyPatch, **parameters: str) -> dict[str, Any]:
    """The resources that CloudFormation gets."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    template = yaml_parse((ROOT / "template.yaml").read_text())
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    values = {name: parameter.get("Default", "") for name, parameter in template["Parameters"].items()}
    made = Translator({}, Parser()).translate(template, {**values, "AWS::Region": REGION, **parameters})
    return dict(made["Resources"])


def of(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """The resources of a kind."""
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}


def named(value: Any) -> Iterator[str]:
    """Whatever is named in a resource by Ref, Fn::GetAtt, Fn::Sub or DependsOn; parameters, too."""
    if isinstance(value, list):
        for one in value:
            yield from named(one)
    if not isinstance(value, dict):
        return
    for key, one in value.items():
        match key, one:
            case "Ref", str():
                yield one
            case "Fn::GetAtt", [str(name), *_]:
                yield name
            case "Fn::GetAtt", str():
                yield one.partition(".")[0]
            case "Fn::Sub", str() | [str(), *_]:
                yield from IN_A_TEXT.findall(one if isinstance(one, str) else one[0])
                yield from named(one)
            case "DependsOn", _:
                yield from [one] if isinstance(one, str) else one
            case _:
                yield from named(one)


def test_every_route_queue_and_schedule_calls_the_alias(stack: Stack, aws: Callable[[str], Any], functions: dict[str, str]) -> None:
    name = deploy.cloudformation_name(stack)
    api = aws("cloudformation").describe_stack_resource(StackName=name, LogicalResourceId="Api")["StackResourceDetail"]
    called = [integration["IntegrationUri"] for integration in
              aws("apigatewayv2").get_integrations(ApiId=api["PhysicalResourceId"])["Items"]]
    called += [mapping["FunctionArn"] for mapping in aws("lambda").list_event_source_mappings()["EventSourceMappings"]
               if name in mapping["FunctionArn"]]
    schedule = aws("cloudformation").describe_stack_resource(StackName=name, LogicalResourceId="ReconcileFunctionSchedule")
    scheduled = aws("scheduler").get_schedule(Name=schedule["StackResourceDetail"]["PhysicalResourceId"])
    called.append(scheduled["Target"]["Arn"])
    assert len(called) == 10 + 2 + 1
    assert {arn.rpartition(":")[2] for arn in called} == {swap.ALIAS}


def test_without_a_shift_there_is_nothing_of_codedeploy(monkeypatch: pytest.MonkeyPatch) -> None:
    resources = transformed(monkeypatch)
    assert len(of(resources, "AWS::Lambda::Alias")) == 8
    assert not [name for name, resource in resources.items() if "CodeDeploy" in resource["Type"] or "UpdatePolicy" in resource]


@pytest.mark.parametrize("shift", ["AllAtOnce", "Canary10Percent10Minutes"])
def test_no_resource_waits_for_itself(monkeypatch: pytest.MonkeyPatch, shift: str) -> None:
    """CloudFormation refuses a template in a circle; the emulated one does not. An alias' UpdatePolicy waits like its properties."""
    resources = transformed(monkeypatch, TrafficShift=shift)
    waits = {name: {other for key, value in resource.items() if key != "Metadata" for other in named({key: value})} & set(resources)
             for name, resource in resources.items()}
    assert "Api" in waits["ApiServerErrorsAlarm"] and "ConsentFunctionAliaslive" in waits["Api"], "what is named is found"
    TopologicalSorter(waits).prepare()


@pytest.mark.parametrize("shift", ["Canary10Percent5Minutes", "Canary10Percent10Minutes", "Linear10PercentEvery1Minute",
                                   "Linear10PercentEvery2Minutes"])
def test_a_gradual_shift_goes_back_when_the_function_its_messages_or_the_api_fail(monkeypatch: pytest.MonkeyPatch, shift: str) -> None:
    resources = transformed(monkeypatch, TrafficShift=shift)
    called = {permission["Properties"]["FunctionName"]["Ref"] for permission in of(resources, "AWS::Lambda::Permission").values()
              if permission["Properties"]["Principal"] == "apigateway.amazonaws.com"}
    assert len(called) == 5
    aliases = of(resources, "AWS::Lambda::Alias")
    assert len(aliases) == 8
    for name, alias in aliases.items():
        function = alias["Properties"]["FunctionName"]["Ref"]
        stem = function.removesuffix("Function")
        alarms = [f"{stem}ErrorsAlarm", *(["ApiFailuresAlarm"] if name in called else [])]
        alarms += [ON_MESSAGES[stem]] if stem in ON_MESSAGES else []
        group = resources[alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]]["Properties"]
        assert group["DeploymentConfigName"]["Fn::Sub"][1] == {"ConfigName": shift}
        assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [{"Name": {"Ref": alarm}} for alarm in alarms]}
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


def test_production_shifts_gradually_and_is_protected() -> None:
    production = yaml_parse((ROOT / "deploy" / "production.yaml").read_text())
    parameters = yaml_parse((ROOT / "template.yaml").read_text())["Parameters"]
    assert set(production) <= set(parameters)
    assert production["DeletionProtection"] == "true"
    assert production["TrafficShift"] in parameters["TrafficShift"]["AllowedValues"]
    assert production["TrafficShift"] != parameters["TrafficShift"]["Default"]


def test_every_earlier_version_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = of(transformed(monkeypatch), "AWS::Lambda::Version").values()
    assert len(versions) == 8
    assert {(version["DeletionPolicy"], version["UpdateReplacePolicy"]) for version in versions} == {("Retain", "Retain")}


def test_nothing_has_a_name_that_it_would_have_in_another_stack_of_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    resources = transformed(monkeypatch, TrafficShift="Canary10Percent10Minutes")
    fixed = [(resource, name, value) for resource, values in resources.items() if values["Type"] != "AWS::Lambda::Alias"
             for name, value in values.get("Properties", {}).items() if name in NAMES and isinstance(value, str)]
    assert fixed == []
