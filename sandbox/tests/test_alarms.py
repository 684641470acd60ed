"""Alarms on the stack's own metrics go off above their limits, and not before.

The emulated CloudWatch makes no metrics of the log: these tests publish what is in a line of metrics, as CloudWatch Logs would.
"""

from __future__ import annotations

from typing import Any

import pytest
from support.log import events, publishes
from support.polling import eventually
from support.world import World

from stack import deploy

MINUTE = 60_000

# Alarm, its metric, the unit, and the most that is still well.
LIMITS = [
    ("InvitationsLateAlarm", "InvitationWaiting", "Milliseconds", 20 * MINUTE),
    ("PublishingLateAlarm", "PublishWaiting", "Milliseconds", 15 * MINUTE),
    ("KeysRefusedAlarm", "KeysRefused", "Count", 0),
]


@pytest.mark.parametrize(("alarm", "metric", "unit", "limit"), LIMITS, ids=[limit[0] for limit in LIMITS])
def test_an_alarm_goes_off_above_its_limit_and_not_before(world: World, alarm: str, metric: str, unit: str, limit: int) -> None:
    publishes(world, _line(world, metric, unit, limit))
    assert _state(world, alarm) == "OK"
    publishes(world, _line(world, metric, unit, limit + 1))
    assert _state(world, alarm) == "ALARM"


def test_the_metrics_of_a_reconciliation_tell_that_it_runs_and_how_late_it_is(world: World) -> None:
    world.ops.reconciles()
    line = eventually(lambda: [line for line in events(world, "reconcile", "metrics") if "OldestDueAge" in line])[-1]
    publishes(world, {**line, "OldestDueAge": 20 * 60})
    assert _state(world, "ReconcileSilentAlarm") == "OK"
    assert _state(world, "DueWorkLateAlarm") == "OK"
    publishes(world, {**line, "OldestDueAge": 20 * 60 + 1})
    assert _state(world, "DueWorkLateAlarm") == "ALARM"


def _line(world: World, metric: str, unit: str, value: int) -> dict[str, Any]:
    """A line of metrics as functions write it."""
    namespace = deploy.cloudformation_name(world.ops.stack)
    directive = {"Namespace": namespace, "Dimensions": [[]], "Metrics": [{"Name": metric, "Unit": unit}]}
    return {"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, metric: value}


def _state(world: World, alarm: str) -> str:
    """What an alarm shows."""
    described = world.ops.aws("cloudformation").describe_stack_resource(
        StackName=deploy.cloudformation_name(world.ops.stack), LogicalResourceId=alarm)
    name = described["StackResourceDetail"]["PhysicalResourceId"]
    [found] = world.ops.aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found["StateValue"])
