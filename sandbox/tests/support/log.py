"""The functions' logs, as they are in CloudWatch Logs: events, and metrics in the embedded metric format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from stack import deploy

from .world import World

# What a dimension may be, and how many values it may have: each is a metric that is paid for.
DIMENSIONS = {
    (): None,
    ("Function",): {"consent", "token", "assessments", "orders", "invitations", "callbacks", "results", "reconcile"},
    ("Partner",): {"testgorilla", "smartrecruiters"},
    ("Partner", "Operation"): {"listAssessments", "getAssessment", "inviteCandidate", "listCandidatures", "getCandidate",
                               "listResults", "renderPdf", "getToken", "setUpIntegration", "patchResults", "addAttachment"},
    ("Partner", "Outcome"): {"ok", "denied", "not_found", "rate_limited", "rejected", "failed", "timeout", "no_connection",
                             "closed", "too_large", "not_http", "unsendable", "held_back"},
}
UNITS = {"Count", "Milliseconds", "Seconds"}


def lines(world: World, function: str) -> list[dict[str, Any]]:
    """What a function has written so far, oldest first. Lines of Lambda's own are left out."""
    group = f"/aws/lambda/{deploy.cloudformation_name(world.ops.stack)}/{function}"
    pages = world.ops.aws("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    read = [_object(event["message"]) for page in pages for event in page["events"]]
    return [line for line in read if "event" in line]


def events(world: World, function: str, event: str, about: str = "") -> list[dict[str, Any]]:
    """Its events of a name, and of those that mention something."""
    return [line for line in lines(world, function) if line["event"] == event and about in json.dumps(line)]


def publishes(world: World, line: dict[str, Any]) -> None:
    """Does what CloudWatch Logs does with a line of metrics, and the emulated one does not: publishes its values."""
    for directive in line["_aws"]["CloudWatchMetrics"]:
        data = [{"MetricName": metric["Name"], "Unit": metric["Unit"],
                 "Dimensions": [{"Name": name, "Value": line[name]} for name in dimensions],
                 "Values": values_of(line, metric["Name"])}
                for dimensions in directive["Dimensions"] for metric in directive["Metrics"]]
        world.ops.aws("cloudwatch").put_metric_data(Namespace=directive["Namespace"], MetricData=data)


def values_of(line: dict[str, Any], metric: str) -> list[int]:
    """A metric's values in a line; none when it is not in it."""
    values = line.get(metric, [])
    return values if isinstance(values, list) else [values]


def every_metric_is_what_cloudwatch_reads(world: World) -> None:
    """Every line of metrics keeps to the specification of the embedded metric format, and its dimensions have a bound."""
    metrics = [line for function in DIMENSIONS[("Function",)] or () for line in events(world, function, "metrics")]
    assert metrics, "no function has measured anything"
    wrong = [f"{mistake}: {line}" for line in metrics for mistake in mistakes(line, deploy.cloudformation_name(world.ops.stack))]
    assert not wrong, "\n".join(wrong)


def mistakes(line: dict[str, Any], namespace: str) -> Iterator[str]:
    """What CloudWatch would not take of a line, or what would cost without a bound."""
    if not isinstance(line["_aws"]["Timestamp"], int):
        yield "no time"
    named = [metric for directive in line["_aws"]["CloudWatchMetrics"] for metric in directive["Metrics"]]
    if not 1 <= len(named) <= 100:
        yield "none or more than a hundred metrics"
    for metric in named:
        values = line.get(metric["Name"])
        values = values if isinstance(values, list) else [values]
        if not 1 <= len(values) <= 100 or not all(isinstance(value, int) for value in values):
            yield f"no values of {metric['Name']}"
        if metric["Unit"] not in UNITS:
            yield f"unit {metric['Unit']}"
    for directive in line["_aws"]["CloudWatchMetrics"]:
        if directive["Namespace"] != namespace:
            yield f"namespace {directive['Namespace']}"
        for dimensions in directive["Dimensions"]:
            if tuple(dimensions) not in DIMENSIONS:
                yield f"dimensions {dimensions}"
                continue
            known = DIMENSIONS[tuple(dimensions)]
            if known is not None and line.get(dimensions[-1]) not in known:
                yield f"{dimensions[-1]} {line.get(dimensions[-1])}"


def _object(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
