"""Seen from outside: one trace and the order's id through all functions, and metrics in the log."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from support.log import events, measured_by, metrics_of, mistakes, values_of
from support.polling import eventually
from support.world import Scene, World

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-0[01]")


def test_everything_that_an_order_leads_to_has_its_trace_and_its_id(scene: Scene) -> None:
    order = _ordered(scene)
    accepted = _only(scene, "orders", "order.accepted", order)
    sent = _only(scene, "invitations", "invitation.sent", order)
    published = _only(scene, "invitations", "result.published", order)
    followed = _only(scene, "invitations", "result.followed", order)
    trace = accepted["span"]["trace_id"]
    assert re.fullmatch("[0-9a-f]{32}", trace)
    assert {line["span"]["trace_id"] for line in (sent, published, followed)} == {trace}
    assert {line["span"]["orders"] for line in (sent, published, followed)} == {order}
    assert accepted["span"]["request_id"] != sent["span"]["request_id"]
    assert {line["span"]["request_id"] for line in (sent, published, followed)} == {sent["span"]["request_id"]}


def test_the_partners_are_told_the_trace(scene: Scene) -> None:
    order = _ordered(scene)
    trace = _only(scene, "orders", "order.accepted", order)["span"]["trace_id"]
    [invitation], [result] = scene.account.calls("inviteCandidate")[-1:], scene.company.calls("patchResults")[-1:]
    assert order in result["path"]
    told = [TRACEPARENT.fullmatch(call["request_headers"]["traceparent"]) for call in (invitation, result)]
    assert [found and found.group(1) for found in told] == [trace, trace]
    assert len({found and found.group(2) for found in told}) == 1, "who invites tells SmartRecruiters, in one step"


def test_orders_that_share_an_invitation_are_all_named(scene: Scene) -> None:
    candidate, first = scene.orders_for_later()
    second = scene.company.orders(scene.assessment, candidate, again=True).id
    scene.lets_go()
    scene.invited(candidate)
    scene.company.learns(second)
    sent = eventually(lambda: _by_either(scene.world, "invitation.sent", first))
    assert [line["span"]["orders"] for line in sent] == [f"{first} {second}"]


def test_an_order_and_its_invitation_are_counted_and_timed(scene: Scene) -> None:
    began = time.time()
    order = _ordered(scene)
    assert measured_by(scene.world, "orders", _only(scene, "orders", "order.accepted", order))["OrdersAccepted"] == 1
    sent = _only(scene, "invitations", "invitation.sent", order)
    measured = measured_by(scene.world, "invitations", sent)
    assert sent["waited_ms"] in values_of(measured, "InvitationDelay")
    # Others may have been sent in the same batch, or adopted.
    assert 1 <= measured["InvitationsSent"] <= len(values_of(measured, "InvitationDelay"))
    delay = int(scene.world.ops.variable("INVITATION_DELAY_SECONDS")) * 1000
    assert delay <= sent["waited_ms"] <= (time.time() - began) * 1000
    published = _only(scene, "invitations", "result.published", order)
    assert published["waited_ms"] in values_of(measured_by(scene.world, "invitations", published), "PublishDelay")


def test_calls_to_a_partner_are_told_apart_by_operation_and_outcome(scene: Scene) -> None:
    scene.account.misbehaves("inviteCandidate", "rate_limited", reset=1)
    candidate, order = scene.orders()
    scene.invited(candidate, meanwhile=scene.hasten)
    deferred = eventually(lambda: _by_either(scene.world, "invitation.deferred", order))
    assert {line["code"] for line in deferred} == {"testgorilla_rate_limited"}
    function = "invitations" if events(scene.world, "invitations", "invitation.deferred", order) else "reconcile"
    lines = metrics_of(scene.world, function, deferred[0])
    limited = next(line for line in lines if line.get("Outcome") == "rate_limited")
    assert (limited["Partner"], limited["Operation"]) == ("testgorilla", "inviteCandidate")
    waits = values_of(limited, "RateLimitWait")
    assert waits and min(waits) >= 1000
    assert deferred[0]["waited_ms"] in [value for line in lines for value in values_of(line, "InvitationWaiting")]


def test_a_key_that_is_refused_is_counted_once(scene: Scene) -> None:
    candidate, order = scene.orders_for_later()
    scene.account.disables_the_integration(callback="none")
    scene.lets_go()

    def refusals() -> list[dict[str, Any]]:
        return [line for function in ("invitations", "reconcile", "results")
                for line in events(scene.world, function, "integration.key_refused", scene.company.name)]

    eventually(refusals, meanwhile=scene.hasten)
    scene.hasten()
    scene.hasten()
    assert len(refusals()) == 1
    assert not scene.account.mails(candidate.email) and scene.company.order(order)["status"] == "PENDING"


def test_a_reconciliation_tells_how_old_the_oldest_due_work_was(world: World) -> None:
    answer = world.ops.reconciles()
    swept = eventually(lambda: events(world, "reconcile", "reconcile.swept"))[-1]
    assert isinstance(answer["oldest_seconds"], int)
    assert measured_by(world, "reconcile", swept)["OldestDueAge"] == swept["oldest_seconds"]


def test_a_listing_tells_how_old_its_copy_is(scene: Scene) -> None:
    scene.company.packages()
    listed = eventually(lambda: events(scene.world, "assessments", "packages.listed", scene.company.name))[-1]
    assert measured_by(scene.world, "assessments", listed)["ListingAge"] == listed["age_ms"]


def test_a_cold_start_is_counted_for_its_function(world: World) -> None:
    world.scene()
    started = eventually(lambda: [line for line in events(world, "token", "metrics", "ColdStarts") if "ColdStarts" in line])
    assert {line["Function"] for line in started} == {"token"}


GOOD: dict[str, Any] = {
    "_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "n", "Dimensions": [["Partner", "Outcome"]],
                                                    "Metrics": [{"Name": "Calls", "Unit": "Count"}]}]},
    "Partner": "testgorilla", "Outcome": "ok", "Calls": [1, 2],
}


def test_a_good_line_of_metrics_is_taken() -> None:
    assert list(mistakes(GOOD, "n")) == []


@pytest.mark.parametrize("change", [
    {"Calls": []}, {"Calls": "1"}, {"Calls": list(range(101))}, {"Outcome": "juno@example.com"}, {"Outcome": None},
    {"_aws": {**GOOD["_aws"], "Timestamp": "now"}},
    {"_aws": {"Timestamp": 1, "CloudWatchMetrics": []}},
    {"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{**GOOD["_aws"]["CloudWatchMetrics"][0], "Dimensions": [["Company"]]}]}},
    {"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{**GOOD["_aws"]["CloudWatchMetrics"][0], "Namespace": "other"}]}},
], ids=str)
def test_a_wrong_line_of_metrics_is_found(change: dict[str, Any]) -> None:
    assert len(list(mistakes({**GOOD, **change}, "n"))) == 1


def _ordered(scene: Scene) -> str:
    """An order whose candidate is invited, and whose recruiter knows, each by its message. Returns its id.

    The reconciliation may come first, which then has a trace of its own: the next candidate is ordered.
    """
    for _ in range(10):
        candidate, order = scene.orders()
        scene.invited(candidate)
        scene.company.learns(order)
        if _by_messages(scene, order):
            return order
    raise AssertionError("the reconciliation came first each time")


def _by_messages(scene: Scene, order: str) -> bool:
    """Whether it was messages that had an order's candidate invited and its recruiter told, once the log says who did."""

    eventually(lambda: _by_either(scene.world, "result.followed", order))
    return all(events(scene.world, "invitations", event, order) for event in ("invitation.sent", "result.published", "result.followed"))


def _by_either(world: World, event: str, about: str) -> list[dict[str, Any]]:
    """Events of a name about an order, whether its message or the reconciliation led to them."""
    return [line for function in ("invitations", "reconcile") for line in events(world, function, event, about)]


def _only(scene: Scene, function: str, event: str, about: str) -> dict[str, Any]:
    """The one event of a name about an order; Lambda's log may be a moment behind."""
    [only] = eventually(lambda: events(scene.world, function, event, about))
    return only
