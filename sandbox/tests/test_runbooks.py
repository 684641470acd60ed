"""Every alarm has its runbook and every runbook its alarm, what the dashboard shows is measured, and the runbooks' commands work.

All but the commands needs no stack: `.local/venv-tools/bin/python -m pytest --config-file sandbox/pytest.ini sandbox/tests/test_runbooks.py -k "not command"`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse
from stack import deploy, tools
from stack.description import Stack
from stack.settings import AWS_CLI, ROOT, aws_environment
from support.world import Scene

OPERATIONS = ROOT / "docs" / "operations.md"
RUNBOOKS = ROOT / "docs" / "runbooks"
PAGES = sorted(page for page in RUNBOOKS.glob("*.md") if page.name != "README.md")
PREAMBLE = RUNBOOKS / "README.md"

SECTIONS = ["What it means", "What to look at", "What to do"]
BLOCK = re.compile(r"^(?P<indent> *)```sh\n(?P<commands>.*?)^ *```$", re.DOTALL | re.MULTILINE)
# What a template without intrinsic functions says of the namespace that is the stack's own.
OWN = {"Ref": "AWS::StackName"}
# The variable is not enough: the first version of the AWS command line has an address of its own for SQS.
TO_THE_EMULATED_AWS = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'
# Seconds for all commands of a page; a reconciliation is among them.
PATIENCE = 300


def test_every_alarm_names_its_runbook_and_the_runbook_names_it() -> None:
    for alarm, properties in _alarms().items():
        page = ROOT / properties["AlarmDescription"].rpartition(" ")[2]
        assert page in PAGES, alarm
        assert alarm in _named(page), alarm


def test_every_runbook_is_about_alarms_that_there_are() -> None:
    for page in PAGES:
        assert _named(page), page.name
        assert _named(page) <= set(_alarms()), page.name


def test_every_runbook_says_what_it_means_what_to_look_at_and_what_to_do() -> None:
    for page in PAGES:
        assert re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE) == SECTIONS, page.name
        assert _blocks(page), page.name


def test_operations_lists_every_alarm_with_its_runbook() -> None:
    listed: dict[str, str] = {}
    for names, _, link in _rows(OPERATIONS.read_text(), "## Alarms")[1:]:
        [page] = re.findall(r"\]\(runbooks/([a-z-]+\.md)\)", link)
        listed |= {name: f"docs/runbooks/{page}" for name in re.findall(r"`(\w+)`", names)}
    assert listed == {alarm: properties["AlarmDescription"].rpartition(" ")[2] for alarm, properties in _alarms().items()}


def test_the_runbooks_page_lists_every_page() -> None:
    assert re.findall(r"^\| \[[a-z-]+\]\(([a-z-]+\.md)\)", PREAMBLE.read_text(), re.MULTILINE) == [page.name for page in PAGES]


def test_operations_lists_every_saved_query() -> None:
    queries = [resource["Properties"]["Name"]["Fn::Sub"].partition("/")[2]
               for resource in _resources("AWS::Logs::QueryDefinition").values()]
    assert [row[0] for row in _rows(OPERATIONS.read_text(), "## Saved queries")[1:]] == queries


def test_alarms_and_dashboard_are_about_metrics_that_there_are() -> None:
    section = OPERATIONS.read_text().partition("## Metrics\n")[2].partition("\n#")[0]
    filtered = {made["MetricName"] for resource in _resources("AWS::Logs::MetricFilter").values()
                for made in resource["Properties"]["MetricTransformations"]}
    assert filtered and all(f"`{name}`" in section for name in filtered), "told beside the table of what functions measure"
    known = filtered | {name.strip("`") for name, *_ in _rows(OPERATIONS.read_text(), "## Metrics")[1:]}
    alarmed = {properties["MetricName"] for properties in _alarms().values() if properties["Namespace"] == OWN}
    assert alarmed and alarmed <= known
    metrics = [metric for widget in _dashboard()["widgets"] for metric in widget["properties"]["metrics"]]
    shown = {metric[1] for metric in metrics if metric[0] == "${AWS::StackName}"}
    shown |= {name for metric in metrics for name in re.findall(r'MetricName="(\w+)"', str(metric[0]))}
    assert shown == known, "the dashboard shows all of them and no other"


def test_the_dashboard_is_deployed(stack: Stack, aws: Any) -> None:
    name = deploy.cloudformation_name(stack)
    body = json.loads(aws("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    assert len(body["widgets"]) == len(_dashboard()["widgets"])
    assert "${" not in json.dumps(body), "every name is filled in"


def test_every_alarm_is_deployed(stack: Stack, aws: Any) -> None:
    pages = aws("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{deploy.cloudformation_name(stack)}-")
    deployed = {alarm["AlarmDescription"] for page in pages for alarm in page["MetricAlarms"]}
    assert deployed == {properties["AlarmDescription"] for properties in _alarms().values()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.stem))
def test_the_commands_of_a_runbook_work(scene: Scene, page: Path) -> None:
    scene.orders()
    stack = scene.world.ops.stack
    commands = "\n".join([TO_THE_EMULATED_AWS, *_blocks(PREAMBLE), *_blocks(page)])
    assert commands.count("assessments-production") == 1
    commands = commands.replace("assessments-production", deploy.cloudformation_name(stack))
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], env=_environment(stack), capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr.lower(), done.stderr
    # The command line ends well when the function that it invoked failed.
    assert "FunctionError" not in done.stdout, done.stdout


def _environment(stack: Stack) -> dict[str, str]:
    """Where the commands find the emulated AWS, and the AWS command line."""
    tools.walk()
    environment = aws_environment(stack.endpoint)
    environment["PATH"] = os.pathsep.join([str(AWS_CLI / "bin"), environment["PATH"]])
    return environment


def _blocks(page: Path) -> list[str]:
    """The commands of a page."""
    return [block["commands"] for block in BLOCK.finditer(page.read_text())]


def _named(page: Path) -> set[str]:
    """The alarms that a page says it is about."""
    [line] = re.findall(r"^Alarms: (.*?)\n\n", page.read_text(), re.DOTALL | re.MULTILINE)
    return set(re.findall(r"`(\w+)`", line))


def _rows(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its own heads."""
    section = text.partition(f"{heading}\n")[2].partition("\n#")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    return [row for row in rows if not set(row[0]) <= {"-"}]


def _alarms() -> dict[str, dict[str, Any]]:
    return {name: alarm["Properties"] for name, alarm in _resources("AWS::CloudWatch::Alarm").items()}


def _dashboard() -> Any:
    return json.loads(_resources("AWS::CloudWatch::Dashboard")["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])


def _resources(kind: str) -> dict[str, Any]:
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}
