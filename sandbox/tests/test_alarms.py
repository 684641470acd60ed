"""Alarms on the stack's own metrics go off above their limits, and not before.

The emulated CloudWatch makes no metrics of the log: these tests publish what is in a line of metrics, as CloudWatch Logs would. Each
does so for copies of the deployed alarms in a namespace of its own, since an alarm looks back for an hour.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse
from support.log import events, measured_by, publishes, values_of
from support.polling import eventually
from support.world import Scene, World

from stack import deploy
from stack.settings import ROOT

MINUTE = 60_000

# Seconds for which SQS keeps a message back at most.
LONGEST_DELAY = 900

# Alarm, its metric, the unit, and the most that is still well.
LIMITS = [
    ("InvitationsLateAlarm", "InvitationWaiting", "Milliseconds", 20 * MINUTE),
    ("PublishingLateAlarm", "PublishWaiting", "Milliseconds", 15 * MINUTE),
    ("FailingAlarm", "FailuresInARow", "Count", 5),
    ("KeysRefusedAlarm", "KeysRefused", "Count", 0),
    ("OrdersRefusedAlarm", "OrdersRefused", "Count", 2),
    ("CallbacksDisbelievedAlarm", "CallbacksDisbelieved", "Count", 5),
    ("InvitationMessagesFailedAlarm", "MessagesFailed", "Count", 5),
    ("ResultMessagesFailedAlarm", "MessagesFailed", "Count", 5),
    ("ApiFailuresAlarm", "ApiFailures", "Count", 0),
]

# What goes on once for an hour, since a try comes an hour after the last at most.
FOR_AN_HOUR = {"InvitationsLateAlarm", "PublishingLateAlarm", "FailingAlarm", "KeysRefusedAlarm"}

# Period, number of periods, and how many of them are enough: of what goes on otherwise than for five minutes.
PERIODS = {
    "ReconcileSilentAlarm": (180, {"Ref": "ReconcileMinutes"}, None),
    "OrdersRefusedAlarm": (3600, 1, None),
    "CallbacksDisbelievedAlarm": (3600, 1, None),
    **dict.fromkeys(FOR_AN_HOUR, (300, 12, 1)),
}

# Whose messages the alarms on messages count.
MESSAGES_OF = {"InvitationMessagesFailedAlarm": "invitations", "ResultMessagesFailedAlarm": "results"}

# A term of a JSON pattern of CloudWatch Logs.
TERM = re.compile(r'\$\.(?P<field>\w+) (?P<sign>!?=) "(?P<text>[^"]*)"')

# What makes an alarm.
PROPERTIES = ("MetricName", "Statistic", "Dimensions", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
              "ComparisonOperator", "TreatMissingData")


def test_each_alarm_goes_off_at_once_and_for_as_long_as_its_next_value_may_take() -> None:
    """Read from the template: the emulated CloudWatch takes all periods for one, and what is missing for nothing."""
    for name, alarm in _alarms().items():
        periods = (alarm["Period"], alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm"))
        assert periods == PERIODS.get(name, (300, 1, None)), name


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


def test_each_queue_has_an_alarm_on_messages_that_are_older_than_the_longest_delay() -> None:
    watched = [alarm for alarm in _alarms().values() if alarm["MetricName"] == "ApproximateAgeOfOldestMessage"]
    queues = {dimension["Value"]["Fn::GetAtt"][0] for alarm in watched for dimension in alarm["Dimensions"]}
    assert queues == {"InvitationQueue", "ResultQueue"}
    assert {(alarm["Threshold"], alarm["Statistic"]) for alarm in watched} == {(2 * LONGEST_DELAY, "Maximum")}


@pytest.mark.parametrize(("alarm", "function"), MESSAGES_OF.items())
def test_an_alarm_on_messages_counts_those_of_its_function(alarm: str, function: str) -> None:
    assert _alarms()[alarm]["Dimensions"] == [{"Name": "Function", "Value": function}]


@pytest.mark.parametrize(("route", "status", "is_ours"), [
    ("POST /packages/orders", 500, True),
    ("POST /packages/orders", 503, True),
    ("POST /packages/inline/orders", 500, True),
    ("POST /packages/inline/orders", 503, False),
    ("POST /integration", 502, False),
    ("POST /integration", 503, True),
    ("POST /packages/orders", 400, False),
    ("GET /packages", 200, False),
])
def test_a_failure_of_the_api_is_an_answer_of_5xx_that_no_partner_is_the_reason_of(route: str, status: int, is_ours: bool) -> None:
    """By a reading of the pattern of our own: the emulated CloudWatch Logs takes it and makes nothing of it."""
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    written = resources["Api"]["Properties"]["AccessLogSettings"]["Format"]
    assert '"route":"$context.routeKey"' in written and '"status":"$context.status"' in written
    line = {"route": route, "status": str(status)}
    assert _matches(resources["ApiFailuresFilter"]["Properties"]["FilterPattern"], line) == is_ours


def test_a_key_that_is_still_refused_is_counted_at_each_try_and_tells_since_when(scene: Scene) -> None:
    scene.account.disables_the_integration(callback="none")
    eventually(scene.company.lists, until=lambda answer: answer["status"] == 403, pause=1.0)

    def tries() -> list[dict[str, Any]]:
        return events(scene.world, "reconcile", "integration.key_still_refused", scene.company.name)

    for times in (1, 2):
        scene.hasten()
        eventually(lambda times=times: len(tries()) >= times)
    assert {(line["code"], line["level"]) for line in tries()} == {("testgorilla_key_refused", "WARN")}
    assert len({line["since"] for line in tries()}) == 1, "the 24 hours count from the first refusal"
    assert sum(values_of(measured_by(scene.world, "reconcile", tries()[0]), "KeysRefused"))


def test_an_order_that_is_refused_is_counted_and_tells_why(scene: Scene) -> None:
    ordered = scene.company.orders(scene.assessment, scene.company.candidate(), overrides={"resultCallbackURL": None})
    assert ordered.status == 400
    [line] = eventually(lambda: events(scene.world, "orders", "order.refused", scene.company.name))
    assert (line["level"], line["code"], line["why"]) == ("WARN", "request_malformed", "resultCallbackURL is missing.")
    assert sum(values_of(measured_by(scene.world, "orders", line), "OrdersRefused"))


@pytest.mark.parametrize(("alarm", "metric", "unit", "limit"), LIMITS, ids=[limit[0] for limit in LIMITS])
def test_an_alarm_goes_off_above_its_limit_and_not_before(world: World, alarm: str, metric: str, unit: str, limit: int) -> None:
    with _copy(world, alarm) as copy:
        publishes(world, _line(copy, metric, unit, limit, MESSAGES_OF.get(alarm)))
        assert _state(world, copy) == "OK"
        publishes(world, _line(copy, metric, unit, limit + 1, MESSAGES_OF.get(alarm)))
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


def _line(namespace: str, metric: str, unit: str, value: int, function: str | None = None) -> dict[str, Any]:
    """A line of metrics as functions write it; of one function, where the metric is told apart by it."""
    directive = {"Namespace": namespace, "Dimensions": [["Function"] if function else []], "Metrics": [{"Name": metric, "Unit": unit}]}
    return {"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, metric: value, "Function": function}


def _matches(pattern: str, line: dict[str, str]) -> bool:
    """What CloudWatch Logs says of a line: terms that hold together, of which one may be two of which either has to hold."""
    either = [part.split("||") for part in pattern.strip().removeprefix("{").removesuffix("}").split("&&")]
    return all(any(_holds(term.strip(" ()"), line) for term in terms) for terms in either)


def _holds(term: str, line: dict[str, str]) -> bool:
    found = TERM.fullmatch(term)
    assert found, term
    return fnmatchcase(line[found["field"]], found["text"]) == (found["sign"] == "=")


def _state(world: World, alarm: str) -> str:
    """What an alarm shows."""
    [found] = world.ops.aws("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return str(found["StateValue"])
