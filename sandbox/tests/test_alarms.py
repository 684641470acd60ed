"""Alarms on the stack's own metrics go off above their limits, and not before.

The emulated CloudWatch makes no metrics of the log: these tests publish what is in a line of metrics, as CloudWatch Logs would. Each
does so for copies of the deployed alarms in a namespace of its own, since an alarm looks back for an hour.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse
from support.log import events, publishes
from support.polling import eventually
from support.world import World

from stack import deploy
from stack.settings import ROOT

MINUTE = 60_000

# Alarm, its metric, the unit, and the most that is still well.
LIMITS = [
    ("InvitationsLateAlarm", "InvitationWaiting", "Milliseconds", 20 * MINUTE),
    ("PublishingLateAlarm", "PublishWaiting", "Milliseconds", 15 * MINUTE),
    ("KeysRefusedAlarm", "KeysRefused", "Count", 0),
]

# What goes on once for an hour, since a try comes an hour after the last at most.
FOR_AN_HOUR = {"InvitationsLateAlarm", "PublishingLateAlarm"}

# What makes an alarm.
PROPERTIES = ("MetricName", "Statistic", "Dimensions", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
              "ComparisonOperator", "TreatMissingData")


def test_each_alarm_goes_off_at_once_and_for_as_long_as_its_next_value_may_take() -> None:
    """Read from the template: the emulated CloudWatch takes all periods for one, and what is missing for nothing."""
    for name, alarm in _alarms().items():
        periods = (alarm["Period"], alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm"))
        if name == "ReconcileSilentAlarm":
            assert periods == (180, {"Ref": "ReconcileMinutes"}, None), "three runs' time"
        else:
            assert periods == ((300, 12, 1) if name in FOR_AN_HOUR else (300, 1, None)), name


def test_silence_is_an_alarm_of_the_reconciliation_alone() -> None:
    breaching = {name for name, alarm in _alarms().items() if alarm["TreatMissingData"] != "notBreaching"}
    assert breaching == {"ReconcileSilentAlarm"}
    assert _alarms()["ReconcileSilentAlarm"]["TreatMissingData"] == "breaching"


def test_the_table_and_each_index_that_orders_write_to_have_an_alarm_on_throttled_writes() -> None:
    template = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    indexes = {index["IndexName"] for index in template["Table"]["Properties"]["GlobalSecondaryIndexes"]}
    watched = [{dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]} for alarm in _alarms().values()
               if alarm["MetricName"] == "WriteThrottleEvents"]
    assert all(dimensions["TableName"] == {"Ref": "Table"} for dimensions in watched)
    assert {dimensions.get("GlobalSecondaryIndexName") for dimensions in watched} == {None, *indexes} - {"listed"}, "where an entry is written once for a company"


@pytest.mark.parametrize(("alarm", "metric", "unit", "limit"), LIMITS, ids=[limit[0] for limit in LIMITS])
def test_an_alarm_goes_off_above_its_limit_and_not_before(world: World, alarm: str, metric: str, unit: str, limit: int) -> None:
    with _copy(world, alarm) as copy:
        publishes(world, _line(copy, metric, unit, limit))
        assert _state(world, copy) == "OK"
        publishes(world, _line(copy, metric, unit, limit + 1))
        assert _state(world, copy) == "ALARM"


def test_the_metrics_of_a_reconciliation_tell_that_it_runs_and_how_late_it_is(world: World) -> None:
    world.ops.reconciles()
    line = eventually(lambda: [line for line in events(world, "reconcile", "metrics") if "OldestDueAge" in line])[-1]
    [unit] = [metric["Unit"] for directive in line["_aws"]["CloudWatchMetrics"] for metric in directive["Metrics"]
              if metric["Name"] == "OldestDueAge"]
    with _copy(world, "ReconcileSilentAlarm") as silent, _copy(world, "DueWorkLateAlarm") as late:
        for copy in (silent, late):
            publishes(world, _line(copy, "OldestDueAge", unit, 20 * 60))
            assert _state(world, copy) == "OK"
        publishes(world, _line(late, "OldestDueAge", unit, 20 * 60 + 1))
        assert _state(world, late) == "ALARM"


@contextmanager
def _copy(world: World, alarm: str) -> Iterator[str]:
    """A copy of a deployed alarm, called like the namespace that it looks at."""
    stack, cloudwatch = deploy.cloudformation_name(world.ops.stack), world.ops.aws("cloudwatch")
    described = world.ops.aws("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=alarm)
    name = described["StackResourceDetail"]["PhysicalResourceId"]
    [deployed] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert deployed["Namespace"] == stack
    copy = f"{alarm}-{uuid.uuid4()}"
    properties = {name: deployed[name] for name in PROPERTIES if name in deployed}
    cloudwatch.put_metric_alarm(AlarmName=copy, Namespace=copy, **properties)
    try:
        yield copy
    finally:
        cloudwatch.delete_alarms(AlarmNames=[copy])


def _alarms() -> dict[str, dict[str, Any]]:
    """The template's alarms."""
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == "AWS::CloudWatch::Alarm"}


def _line(namespace: str, metric: str, unit: str, value: int) -> dict[str, Any]:
    """A line of metrics as functions write it."""
    directive = {"Namespace": namespace, "Dimensions": [[]], "Metrics": [{"Name": metric, "Unit": unit}]}
    return {"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, metric: value}


def _state(world: World, alarm: str) -> str:
    """What an alarm shows."""
    [found] = world.ops.aws("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return str(found["StateValue"])
