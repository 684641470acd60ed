"""Units of what is measured: functions that are started together, and the step that they are taken through again and again."""

from __future__ import annotations

import json
import os
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stack.progress import Failed
from stack.settings import REGION

from .certificates import Certificates
from .driver import Call, Driver, Lane
from .events import Events
from .places import BENCH, LOCAL
from .scene import Scene
from .subjects import Subject

# What is measured under which name.
Named = tuple[str, Call]


@dataclass(frozen=True)
class World:
    """What every unit needs."""

    driver: Driver
    scene: Scene
    events: Events
    certificates: Certificates
    subjects: dict[str, Subject]

    def lane(self, name: str) -> Lane:
        """Opens a lane."""
        return Lane(self.driver, name, self.scene.upstreams(), LOCAL)


class Unit(ABC):
    """Functions that belong together. What each of them does in a step is an answer as it should be, or a failure."""

    def __init__(self, world: World, name: str, functions: tuple[str, ...], *, writes: bool) -> None:
        self.world = world
        self.name = name
        self.lanes = {function: world.lane(f"{name}-{function}" if name != function else name) for function in functions}
        self._writes = writes
        self.table = world.scene.stack.outputs["TableName"]

    def start(self, share: int | None) -> dict[str, dict[str, Any]]:
        """Starts its functions with the whole processor, then gives them their share. Returns what initialisation took."""
        inits = {}
        for function, lane in self.lanes.items():
            inits[function] = lane.start(self.world.subjects[function], self._environment(function, lane))
            lane.share(share)
        return inits

    def fresh(self) -> None:
        """Gives it a table of its own with nothing but the company, where it writes."""
        if self._writes:
            self.table = self.world.scene.copy_table(f"bench-{self.name}-{uuid.uuid4().hex[:8]}")

    def stop(self) -> dict[str, int]:
        """Ends its functions and returns the most memory each held, in KiB."""
        peaks = {function: lane.stop() for function, lane in self.lanes.items()}
        return {function: peak for function, peak in peaks.items() if peak is not None}

    @abstractmethod
    def step(self, *, bodies: bool = False) -> list[Named]:
        """One step: each function's call, in order. With `bodies` the calls hold what they carried."""

    def _environment(self, function: str, lane: Lane) -> dict[str, str]:
        """As Lambda gives it, but for where AWS and the partners are."""
        roots = str(self.world.certificates.roots)
        return {
            **self.world.scene.variables,
            "AWS_ENDPOINT_URL": lane.urls["aws"],
            "SMARTRECRUITERS_API_URL": lane.urls["smartrecruiters"],
            "TESTGORILLA_API_URL": f"{lane.urls['testgorilla']}/api",
            "TABLE_NAME": self.table,
            # The stored list is fresh; an order's invitation is due at once.
            "CATALOGUE_MAX_AGE_SECONDS": "86400",
            "INVITATION_DELAY_SECONDS": "0",
            # No journey waits for its turn: they come faster here than anybody's.
            "INVITATIONS_PER_MINUTE": "6000",
            "SSL_CERT_FILE": roots,
            "AWS_CA_BUNDLE": roots,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "AWS_EC2_METADATA_DISABLED": "true",
            "LAMBDA_TASK_ROOT": str(BENCH / "python"),
            "PYTHONPATH": str(BENCH / "python"),
            "PATH": os.defpath,
            "HOME": "/tmp",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
        }


class Single(Unit):
    """One function, sent one kind of event."""

    def __init__(self, world: World, function: str, event: Callable[[Lane], Any], status: int | None, *,
                 writes: bool = False) -> None:
        super().__init__(world, function, (function,), writes=writes)
        self.function = function
        self._event = event
        self._status = status

    def step(self, *, bodies: bool = False) -> list[Named]:
        lane = self.lanes[self.function]
        return [(self.function, good(self.function, lane.call(self._event(lane), bodies=bodies), self._status))]


class Journey(Unit):
    """An order's whole way: ordered, invited, started, completed, published with its report."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "journey", ("orders", "invitations", "callbacks", "results", "reconcile"), writes=True)
        self._number = 0

    def step(self, *, bodies: bool = False) -> list[Named]:
        scene, events = self.world.scene, self.world.events
        self._number += 1
        email = f"juno.{uuid.uuid4().hex[:12]}@example.com"
        candidate = {"email": email, "first_name": "Juno", "last_name": "Example"}
        package = scene.packages[self._number % len(scene.packages)]
        made = scene.control("smartrecruiters", "POST", "orders", {
            "company": scene.company, "package": package, "candidate": candidate,
            "requester": {"userId": str(uuid.uuid4()), "email": "recruiter@acme.example"}})
        request = self._received("/packages/orders", made["order"])
        told_by = self.lanes["invitations"].urls["smartrecruiters"]
        order = good("orders", self._call("orders", events.received_order(request, told_by)), 202)
        [message] = order.sent_messages()
        invited = good("invitations", self._call("invitations", events.message("invitations", message)), None)
        self._hand_over(made["order"], told_by, self.lanes["results"].urls["smartrecruiters"])
        account, assessment = scene.company, package
        query = f"candidatures?account={account}&assessment={assessment}&email={email}"
        [candidature] = scene.control("testgorilla", "GET", query)
        done = [("journey-orders", order), ("invitations", invited)]
        done += self._told(candidature["id"], "start", {})
        done.append(("reconcile-look", self._looked_at(message)))
        scores = {"scores": {f"Test of skill {number}": 80 for number in range(3)}}
        done += self._told(candidature["id"], "complete", scores)
        order_now = scene.control("smartrecruiters", "GET", f"orders/{made['order']}")
        if order_now["status"] != "COMPLETED" or not order_now["attachments"]:
            raise Failed(f"The journey ends as {order_now['status']} with {len(order_now['attachments'])} reports.")
        return done

    def _told(self, candidature: int, what: str, how: dict[str, Any]) -> list[Named]:
        """The candidate does something, TestGorilla calls back, and the result is read and published."""
        self.world.scene.control("testgorilla", "POST", f"candidatures/{candidature}/{what}", how)
        request = self._received("/callbacks/testgorilla", str(candidature))
        events = self.world.events
        taken = good("callbacks", self._call("callbacks", events.received_callback(request)), 202)
        [message] = taken.sent_messages()
        followed = good("results", self._call("results", events.message("results", message)), None)
        name = "started" if what == "start" else "completed"
        return [("callbacks", taken), (f"results-{name}", followed)]

    def _hand_over(self, order: str, before: str, after: str) -> None:
        """What is told of an order from now on goes by another lane's relay, so that the calls are counted where they are made."""
        dynamodb = self.world.scene.aws("dynamodb")
        key = {"pk": {"S": f"COMPANY#{self.world.scene.company}"}, "sk": {"S": f"ORDER#{order}"}}
        url = dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)["Item"]["result_url"]["S"]
        dynamodb.update_item(TableName=self.table, Key=key, UpdateExpression="SET result_url = :url",
                             ExpressionAttributeValues={":url": {"S": url.replace(before, after)}})

    def _looked_at(self, message: str) -> Call:
        """The reconciliation looks at a candidate with whom nothing has happened since the last look."""
        ids = json.loads(message)
        key = {"pk": {"S": f"COMPANY#{ids['company']}"}, "sk": {"S": f"INVITATION#{ids['assessment']}#{ids['candidate']}"}}
        self.world.scene.aws("dynamodb").update_item(
            TableName=self.table, Key=key, UpdateExpression="SET due_at = :now",
            ExpressionAttributeValues={":now": {"N": str(int(time.time() * 1000) - 1000)}})
        looked = self._call("reconcile", self.world.events.plain("reconcile/schedule"))
        if looked.answer != {"done": 1, "failed": 0, "oldest_seconds": looked.answer["oldest_seconds"], "is_cut": False}:
            raise Failed(f"The reconciliation has not looked at one candidate: {looked.answer}")
        return looked

    def _call(self, function: str, event: Any) -> Call:
        return self.lanes[function].call(event, bodies=True)

    def _received(self, path: str, naming: str) -> dict[str, Any]:
        """The request that a stand-in has just sent to the product."""
        for _ in range(50):
            for request in self.world.driver.captured():
                if request["path"] == path and naming in request["body"]:
                    return request
            time.sleep(0.01)
        raise Failed(f"No request to {path} came.")


def good(function: str, call: Call, status: int | None) -> Call:
    """The call, unless its answer is not as it should be. No status: an answer to messages, none of which may have failed."""
    answer = call.answer
    if status is None:
        if isinstance(answer, dict) and answer.get("batchItemFailures"):
            raise Failed(f"{function} has failed: {answer}")
    elif answer.get("statusCode") != status:
        raise Failed(f"{function} answers {answer}, not {status}")
    return call


def all_units(world: World) -> list[Unit]:
    """Everything that is measured."""
    events = world.events

    def listing(_: Lane) -> Any:
        return events.plain("assessments/list")

    def ordering(lane: Lane) -> Any:
        return events.order(lane.urls["smartrecruiters"])

    units: list[Unit] = [Single(world, "empty", listing, 202)]
    units += [Single(world, name, ordering, 202, writes=True) for name in ("orders", "usual-orders", "python-orders")]
    units += [Single(world, name, listing, 200) for name in ("assessments", "usual-listing", "python-listing")]
    units += [
        Single(world, "token", lambda _: events.plain("token/good"), 200),
        Single(world, "consent", lambda _: events.plain("consent/page"), 200),
        Single(world, "reconcile", lambda _: events.plain("reconcile/schedule"), None, writes=True),
        Journey(world),
    ]
    return units
