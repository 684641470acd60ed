"""What a million journeys cost, from counted calls, bytes and processor time, with AWS's published prices (`prices.json`)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .capacity import Reckoner
from .driver import Call
from .figures import Figures
from .places import BENCH, ROOT

# How long answers take in AWS and over the internet: assumed, not measured. The emulated AWS and stand-ins say nothing about it.
WAITS_MS = {"DynamoDB": 5.0, "TransactWriteItems": 12.0, "SQS": 8.0, "SecretsManager": 10.0, "partner": 200.0}
# One start in so many requests.
REQUESTS_PER_START = 100
# A line of the API's access log. Lambda's own lines about each request are turned off (`SystemLogLevel`).
ACCESS_LOG_BYTES = 250
# A message costs a request to send, to receive and to delete.
SQS_REQUESTS = 3
# The reconciliation looks at so many candidates side by side, and waits for all of them at once.
LOOKS_AT_ONCE = 8
# How long a candidate takes; how soon each look follows, in minutes and as a share of the time since the last change
# (docs/architecture.md, due work), where callbacks come and where none does.
DAYS_TO_FINISH = 3.0
WITH_CALLBACKS, WITHOUT_CALLBACKS = (0.0, 720.0, 720.0), (0.1, 5.0, 360.0)
# Recruiters look at the list before they order; a token serves half an hour of calls.
TIMES = {"journey-orders": 1.0, "invitations": 1.0, "callbacks": 2.0, "results-started": 1.0, "results-completed": 1.0,
         "assessments": 1.0, "token": 0.1}
# Each of these reads the company's secret where its process does not remember it, which it does for five minutes.
SECRET_READS = {"token": 0.1, "invitations": 1.0, "results-started": 1.0, "results-completed": 1.0}
HTTP = ("assessments", "callbacks", "consent", "journey-orders", "token")
QUEUED = ("invitations", "results-started", "results-completed")
# A month of a stack without a single customer.
MONTH_MINUTES = 30 * 24 * 60
STACK_SECRETS, QUEUES, RECONCILE_MINUTES = 2, 2, 5
# Metrics that a stack without customers writes: how old the oldest due work is, and cold starts of the reconciliation. A busy one writes
# 62 at most (docs/operations.md).
IDLE_METRICS, METRICS = 2, 62
# Lambda polls a queue with five long polls at a time, each of 20 seconds.
POLLS_A_MINUTE = 5 * 3


@dataclass
class Bill:
    """Dollars by service."""

    services: dict[str, float]

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self.services.values())

    def times(self, factor: float) -> Bill:
        """So many times as much."""
        return Bill({name: factor * dollars for name, dollars in self.services.items()})

    def plus(self, other: Bill) -> Bill:
        """Both together."""
        names = {**self.services, **other.services}
        return Bill({name: self.services.get(name, 0.0) + other.services.get(name, 0.0) for name in names})


def reckon(figures: Figures) -> dict[str, Any]:
    """Dollars per million requests of each route, and per million journeys."""
    prices = json.loads((BENCH / "prices.json").read_text())
    reckoner = Reckoner()
    routes: dict[str, Bill] = {}
    for name, call in figures.samples.items():
        if name.startswith(("usual", "python", "empty")):
            continue
        routes[name] = _request(name, call, figures, reckoner, prices)
    looks, more_looks = (looks_in(DAYS_TO_FINISH, *how) for how in (WITH_CALLBACKS, WITHOUT_CALLBACKS))
    bare = Bill({})
    for name, times in TIMES.items():
        bare = bare.plus(routes[name].times(times))
    look = routes.pop("reconcile-look")
    journey = bare.plus(look.times(looks))
    silent = bare.plus(routes["callbacks"].times(-TIMES["callbacks"])).plus(look.times(more_looks))
    reads = sum(SECRET_READS.values()) + looks
    scattered = journey.plus(Bill({"Secrets Manager": reads * prices["secrets_per_call"]}))
    million = {name: _told(bill.times(1e6)) for name, bill in sorted(routes.items())}
    return {"prices": {key: prices[key] for key in ("region", "as_of", "sources")}, "waits_ms": WAITS_MS, "looks": looks,
            "looks_without_callbacks": more_looks, "per_million_requests": million, "per_million_looks": _told(look.times(1e6)),
            "per_million_journeys": _told(journey.times(1e6)),
            "per_million_journeys_without_looks": _told(bare.times(1e6)),
            "per_million_journeys_scattered": _told(scattered.times(1e6)),
            "per_million_journeys_without_callbacks": _told(silent.times(1e6)),
            "idle_month": _told(_idle(routes, prices)),
            "metrics_month": round((METRICS - IDLE_METRICS) * prices["metric_per_month"], 2)}


def looks_in(days: float, share: float, least: float, most: float) -> int:
    """How often the reconciliation looks at a candidate who takes so long: after a share of the time since the last change, within a
    least and a most of minutes; started after a half, and finished at the end."""
    looks = 0
    for part in (days / 2, days / 2):
        at, end = 0.0, part * 24 * 60
        while True:
            at += min(max(share * at, least), most)
            if at >= end:
                break
            looks += 1
    return looks


def _alarms() -> int:
    return (ROOT / "template.yaml").read_text().count("    Type: AWS::CloudWatch::Alarm\n")


def memory_of(function: str) -> int:
    """Megabytes that the template gives a function."""
    template = (ROOT / "template.yaml").read_text()
    default = re.search(r"^    MemorySize: (\d+)$", template, re.MULTILINE)
    own = re.search(rf"^      CodeUri: functions/{function}\n      MemorySize: (\d+)$", template, re.MULTILINE)
    found = own or default
    if found is None:
        raise ValueError(f"template.yaml does not say how much memory {function} has")
    return int(found.group(1))


def _request(name: str, call: Call, figures: Figures, reckoner: Reckoner, prices: dict[str, Any]) -> Bill:
    """One warm request, and its share of a cold start."""
    if name == "reconcile-look":
        return _look(call, figures, reckoner, prices)
    units = reckoner.of(call.calls)
    function = name.removeprefix("journey-").partition("-")[0]
    memory = memory_of(function)
    own = figures.of(name, "warm", str(memory), "own_ms")
    init = figures.of(function, "init", "full", "ms")
    assert own is not None and init is not None
    billed = math.ceil(own["median"] + sum(_wait(one["what"], one["to"]) for one in call.calls))
    starting = init["median"] / REQUESTS_PER_START
    sent = sum(one["sent"] for one in call.calls if one["to"] != "aws")
    answered = len(json.dumps(call.answer)) if name in HTTP else 0
    logged = call.logged + (ACCESS_LOG_BYTES if name in HTTP else 0)
    messages = 1 if name in QUEUED else 0
    return Bill({
        "Lambda, requests": prices["lambda_per_request"],
        "Lambda, time": memory / 1024 * (billed + starting) / 1000 * prices["lambda_per_gb_second_x86"],
        "API Gateway": prices["http_api_per_request"] if name in HTTP else 0.0,
        "DynamoDB, reads": units.read * prices["dynamodb_per_read_unit"],
        "DynamoDB, writes": units.write * prices["dynamodb_per_write_unit"],
        "SQS": messages * SQS_REQUESTS * prices["sqs_per_fair_request"],
        "Secrets Manager": _count(call, "secretsmanager") * prices["secrets_per_call"],
        "CloudWatch Logs": logged / 1e9 * prices["logs_per_gb"],
        "traffic": (sent + answered) / 1e9 * prices["transfer_out_per_gb"],
    })


def _look(call: Call, figures: Figures, reckoner: Reckoner, prices: dict[str, Any]) -> Bill:
    """One look at a candidate: what a sweep with one thing due costs beyond one with none. Many share an invocation."""
    index = '"IndexName":"due"'
    calls = [one for one in call.calls if index not in one["request"]]
    units = reckoner.of(calls)
    memory = memory_of("reconcile")
    one_due, none_due = (figures.of(name, "warm", str(memory), "own_ms") for name in ("reconcile-look", "reconcile"))
    assert one_due is not None and none_due is not None
    own = max(0.0, one_due["median"] - none_due["median"])
    waits = sum(_wait(one["what"], one["to"]) for one in calls) / LOOKS_AT_ONCE
    sent = sum(one["sent"] for one in calls if one["to"] != "aws")
    return Bill({
        "Lambda, time": memory / 1024 * (own + waits) / 1000 * prices["lambda_per_gb_second_x86"],
        "DynamoDB, reads": units.read * prices["dynamodb_per_read_unit"],
        "DynamoDB, writes": units.write * prices["dynamodb_per_write_unit"],
        "CloudWatch Logs": call.logged / 2 / 1e9 * prices["logs_per_gb"],
        "traffic": sent / 1e9 * prices["transfer_out_per_gb"],
    })


def _wait(what: str, to: str) -> float:
    if to != "aws":
        return WAITS_MS["partner"]
    return next(ms for name, ms in reversed(WAITS_MS.items()) if name.lower() in what.lower())


def _count(call: Call, service: str) -> int:
    return sum(service in one["what"] for one in call.calls)


def _idle(routes: dict[str, Bill], prices: dict[str, Any]) -> Bill:
    """A month without a customer: the schedule, the pollers of the queues, secrets, alarms, metrics and the dashboard."""
    sweeps = MONTH_MINUTES / RECONCILE_MINUTES
    return routes["reconcile"].times(sweeps).plus(Bill({
        "schedule": sweeps * prices["scheduler_per_invocation"],
        "SQS": QUEUES * MONTH_MINUTES * POLLS_A_MINUTE * prices["sqs_per_request"],
        "watching": _alarms() * prices["alarm_per_month"] + IDLE_METRICS * prices["metric_per_month"] + prices["dashboard_per_month"],
        "Secrets Manager": STACK_SECRETS * prices["secrets_per_secret_month"],
    }))


def _told(bill: Bill) -> dict[str, Any]:
    services = {name: round(dollars, 4) for name, dollars in bill.services.items() if dollars >= 0.00005}
    return {"total": round(bill.total, 3), "services": services}


def lines(costs: dict[str, Any]) -> Iterator[str]:
    """What is printed."""
    yield f"A million journeys, {costs['prices']['region']}, prices of {costs['prices']['as_of']}:"
    for name, dollars in sorted(costs["per_million_journeys"]["services"].items(), key=lambda one: -one[1]):
        yield f"  {name:20} {dollars:8.2f} $"
    yield f"  {'in all':20} {costs['per_million_journeys']['total']:8.2f} $, of which {costs['looks']} looks each: " \
          f"{costs['per_million_looks']['total'] * costs['looks']:.2f} $"
    yield f"A month of an idle stack: {costs['idle_month']['total']:.2f} $"
