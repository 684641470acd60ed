"""The world that everything is measured in: the local stack with a connected company, and nobody else at work."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from stack import build, deploy, description, gaps, lifecycle, ministack, registration, standins
from stack.description import Stack
from stack.occasion import Occasion
from stack.progress import say, wait_for
from stack.settings import build_folder

# How many assessments the company has, and tests in each.
ASSESSMENTS, TESTS = 20, 3
UNLIMITED = 10_000_000


@dataclass
class Scene:
    """The stack, and the company that is connected on it."""

    stack: Stack
    occasion: Occasion
    variables: dict[str, str]
    packages: list[str] = field(default_factory=list)

    @property
    def company(self) -> str:
        """The company's id."""
        return self.occasion.name

    def aws(self, service: str) -> Any:
        """A client of the emulated AWS."""
        return deploy.client(self.stack, service)

    def control(self, partner: str, method: str, path: str, body: Any = None) -> Any:
        """Calls the control API of a stand-in."""
        url = self.stack.testgorilla_url if partner == "testgorilla" else self.stack.smartrecruiters_url
        answer = _session.request(method, f"{url}/_control/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def answers(self, *operations: str) -> Counter[str]:
        """How often TestGorilla's stand-in has given each status to the company's calls of some operations."""
        calls = [call for operation in operations for call in self.control(
            "testgorilla", "GET", f"calls?operation={operation}&account={self.company}&direction=in")]
        return Counter(str(call["status"]) for call in calls)

    def unlimited(self, partner: str) -> None:
        """Lifts the limits of a stand-in."""
        classes = ("assessments", "invitations", "results", "candidatures", "candidates", "deletions", "reports")
        limits = {"limits": dict.fromkeys(classes, UNLIMITED)} if partner == "testgorilla" else {
            "requests": UNLIMITED, "at_once": UNLIMITED}
        self.control(partner, "PUT", "limits", limits)

    def another(self) -> Scene:
        """Another company on the same stack, with one assessment."""
        scene = Scene(self.stack, Occasion(self.stack, connected=True), self.variables)
        _connect(scene, 1)
        return scene

    def upstreams(self) -> dict[str, str]:
        """What the relays pass on to."""
        urls = {"aws": self.stack.endpoint, "testgorilla": self.stack.testgorilla_url,
                "smartrecruiters": self.stack.smartrecruiters_url}
        return {to: url.removeprefix("http://") for to, url in urls.items()}

    def copy_table(self, name: str) -> str:
        """A table of this name that holds what the stack's table holds now; its catalogue is never due, so that nothing is done unasked."""
        dynamodb = self.aws("dynamodb")
        table = dynamodb.describe_table(TableName=self.stack.outputs["TableName"])["Table"]
        indexes = [{key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
                   for index in table["GlobalSecondaryIndexes"]]
        dynamodb.create_table(TableName=name, KeySchema=table["KeySchema"], GlobalSecondaryIndexes=indexes,
                              AttributeDefinitions=table["AttributeDefinitions"], BillingMode="PAY_PER_REQUEST")
        for page in dynamodb.get_paginator("scan").paginate(TableName=self.stack.outputs["TableName"]):
            for item in page["Items"]:
                if item["sk"]["S"] == "CATALOGUE":
                    item = {name: value for name, value in item.items() if name not in ("due_at", "due_shard")}
                dynamodb.put_item(TableName=name, Item=item)
        return name


_session = requests.Session()
_session.trust_env = False


@contextmanager
def scene(capture: int, functions: Path) -> Iterator[Scene]:
    """Brings it up with the built `functions`, where nothing works by itself. Orders and callbacks go to the port `capture`."""
    with working(functions) as place:
        for partner in ("testgorilla", "smartrecruiters"):
            place.unlimited(partner)
        _silence(place)
        _redirect(place, capture)
        yield place


@contextmanager
def working(functions: Path) -> Iterator[Scene]:
    """Brings it up with the built `functions`, as it is deployed, and ends it."""
    lifecycle.sweep()
    stack = description.new(f"bench-{os.getpid()}", keep=False)
    stack.save()
    try:
        yield _set(stack, functions)
    finally:
        stack.end()
    # After a failure its logs stay.
    shutil.rmtree(stack.folder, ignore_errors=True)


def _set(stack: Stack, functions: Path) -> Scene:
    """Deploys the functions and connects a company."""
    shutil.copytree(functions, build_folder(stack.name), dirs_exist_ok=True)
    binary = build.stand_ins(stack)
    say("Starting the emulated AWS and the stand-ins ...")
    standins.choose_addresses(stack)
    ministack.start(stack)
    standins.start_proxy(stack, binary)
    deploy.deploy(stack)
    gaps.close(stack)
    standins.start(stack, binary)
    registration.register(stack)
    scene = Scene(stack, Occasion(stack, connected=True), _variables(stack))
    _connect(scene, ASSESSMENTS)
    return scene


def _variables(stack: Stack) -> dict[str, str]:
    name = deploy.functions(stack)["OrdersFunction"]
    configuration = deploy.client(stack, "lambda").get_function_configuration(FunctionName=name)
    return dict(configuration["Environment"]["Variables"])


def _connect(scene: Scene, assessments: int) -> None:
    """Connects the company and waits until all its assessments are listed with their tests."""
    say(f"Connecting a company with {assessments} assessments of {TESTS} tests ...")
    scene.unlimited("testgorilla")
    company = scene.occasion.company
    tests = [{"name": f"Test of skill {number}", "duration": 600} for number in range(TESTS)]
    for number in range(assessments):
        body = {"account": company, "name": f"Backend engineer, level {number}", "tests": tests}
        scene.packages.append(str(scene.control("testgorilla", "POST", "assessments", body)["id"]))

    def listed() -> bool:
        packages = scene.control("smartrecruiters", "GET", f"companies/{company}/packages")["body"] or []
        return len(packages) == assessments and all(len(one["assessments"]) == TESTS for one in packages)

    wait_for("listing", listed, 180)
    # Events about one package are about one of these.
    vars(scene.occasion)["package"] = scene.packages[0]


def _silence(scene: Scene) -> None:
    """Nothing takes messages and no schedule fires from now on: what is measured is alone."""
    awslambda = scene.aws("lambda")
    for mapping in awslambda.list_event_source_mappings()["EventSourceMappings"]:
        awslambda.delete_event_source_mapping(UUID=mapping["UUID"])
    scheduler = scene.aws("scheduler")
    for schedule in scheduler.list_schedules()["Schedules"]:
        scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule.get("GroupName", "default"))


def _redirect(scene: Scene, capture: int) -> None:
    """Orders and callbacks go to the driver's listener: they become events there."""
    here = f"http://127.0.0.1:{capture}"
    registration.register(scene.stack, packageOrderUrl=f"{here}/packages/orders")
    scene.control("testgorilla", "PUT", "callbacks", {"url": f"{here}/callbacks/testgorilla"})
