"""The functions' logs, as they are in CloudWatch Logs: events, and metrics in the embedded metric format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from stack import deploy

from .polling import eventually
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
# The emulated CloudWatch Logs finds so many events, the oldest, and does not say where there are more.
AT_MOST = 10_000


def events(world: World, function: str, event: str, about: str = "") -> list[dict[str, Any]]:
    """A function's events of a name, and of those that mention something, oldest first."""
    pattern = " ".join(f'"{words}"' for words in (event, about) if words)
    answer = world.ops.aws("logs").filter_log_events(logGroupName=_group(world, function), filterPattern=pattern)
    assert len(answer["events"]) < AT_MOST, f"there may be more of {pattern}"
    read = [_object(event["message"]) for event in answer["events"]]
    return [line for line in read if line.get("event") == event and about in json.dumps(line)]


def whole(world: World, group: str) -> Iterator[str]:
    """Every line of a log group, however many there are: those of some streams at once, in no order."""
    for page in world.ops.aws("logs").get_paginator("describe_log_streams").paginate(logGroupName=group):
        if names := [stream["logStreamName"] for stream in page["logStreams"]]:
            yield from _of_streams(world, group, names)


def _of_streams(world: World, group: str, names: list[str]) -> Iterator[str]:
    """Every line of some streams of a group."""
    found = world.ops.aws("logs").filter_log_events(logGroupName=group, logStreamNames=names)["events"]
    if len(found) < AT_MOST:
        yield from (event["message"] for event in found)
        return
    half = len(names) // 2
    assert half, f"there may be more of {names} in {group}"
    yield from _of_streams(world, group, names[:half])
    yield from _of_streams(world, group, names[half:])


def publishes(world: World, line: dict[str, Any]) -> None:
    """Does what CloudWatch Logs does with a line of metrics, and the emulated one does not: publishes its values."""
    for directive in line["_aws"]["CloudWatchMetrics"]:
        data = [{"MetricName": metric["Name"], "Unit": metric["Unit"],
                 "Dimensions": [{"Name": name, "Value": line[name]} for name in dimensions],
                 "Values": values_of(line, metric["Name"])}
                for dimensions in directive["Dimensions"] for metric in directive["Metrics"]]
        world.ops.aws("cloudwatch").put_metric_data(Namespace=directive["Namespace"], MetricData=data)


def metrics_of(world: World, function: str, line: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of the invocation that wrote a line, once it has ended."""
    request = line["span"]["request_id"]
    return eventually(lambda: [one for one in events(world, function, "metrics", request) if one["request_id"] == request])


def measured_by(world: World, function: str, line: dict[str, Any]) -> dict[str, Any]:
    """Those of them that are about the invocation as a whole."""
    return next(one for one in metrics_of(world, function, line) if "Partner" not in one)


def values_of(line: dict[str, Any], metric: str) -> list[int]:
    """A metric's values in a line; none when it is not in it."""
    values = line.get(metric, [])
    return values if isinstance(values, list) else [values]


def every_metric_is_what_cloudwatch_reads(world: World) -> None:
    """Every line of metrics keeps to the specification of the embedded metric format, and its dimensions have a bound."""
    read = [_object(text) for function in DIMENSIONS[("Function",)] or () for text in whole(world, _group(world, function))]
    metrics = [line for line in read if line.get("event") == "metrics"]
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


def _group(world: World, function: str) -> str:
    return f"/aws/lambda/{deploy.cloudformation_name(world.ops.stack)}/{function}"


def _object(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
