"""Ops look after what all companies share: the registration, the stack's own keys, and the chain as a whole.

What these tests change is one for the whole stack: nobody else is there meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from support.command import DECLINED, HALF_DEPLOYED, INTERRUPTED, NOT_NOW, PARTNER, USAGE, WRONG, Command
from support.polling import eventually
from support.world import Scene, World

from stack import deploy, registration


@pytest.fixture(scope="module", autouse=True)
def _as_deployed(world: World) -> Iterator[None]:
    """The stack's own secrets and the registration are as the local stack has made them, before and afterwards."""
    _restore(world)
    yield
    _restore(world)


@pytest.fixture(autouse=True)
def _registered(ops: Command) -> Iterator[None]:
    """The registration is as the secrets say."""
    yield
    assert ops.run("register", "--display", "POPUP", "--no-fields", "--yes").exit == 0


def _restore(world: World) -> None:
    stack = world.ops.stack
    partner = {"clientId": stack.master_client_id, "clientSecret": stack.master_client_secret,
               "disconnectKey": stack.disconnect_key}
    _stores(world, "PartnerSecretArn", json.dumps(partner))
    _stores(world, "CallbackSecretArn", stack.callback_secret)
    world.testgorilla.put("callbacks", {"secret": stack.callback_secret})
    registration.register(stack)


def _stores(world: World, output: str, text: str) -> None:
    """Puts a text into a secret, unless it is there."""
    if _secret(world, output) != text:
        world.ops.aws("secretsmanager").put_secret_value(SecretId=world.ops.stack.outputs[output], SecretString=text)


# --- doctor ------------------------------------------------------------------------------------

CHECKS = {"stack", "routes", "clock", "partner secret", "callback secret", "SmartRecruiters", "registration",
          "TestGorilla", "schedule", "oldest due work", "queues", "dead letters", "alarms", "alarm actions"}


def test_the_doctor_looks_at_the_whole_chain(ops: Command, world: World) -> None:
    world.connected()
    world.ops.reconciles()
    _calms(world)
    lines = _lines(ops.run("--json", "doctor").json)
    assert set(lines) >= CHECKS
    for check in ("stack", "routes", "clock", "partner secret", "callback secret", "SmartRecruiters", "registration",
                  "schedule", "queues", "alarms"):
        assert lines[check]["verdict"] == "ok", lines[check]
    # A local stack has no topic.
    told = lines["alarm actions"]
    assert (told["verdict"], "AlarmTopicArn" in told["advice"]) == ("warning", True)


def test_the_doctor_says_what_is_wrong_and_what_to_do(ops: Command, world: World) -> None:
    company, account = world.connected()
    account.disables_the_integration(callback="none")
    _registers_elsewhere(world)
    ran = ops.run("--json", "doctor")
    lines = _lines(ran.json)
    assert ran.exit == WRONG
    assert (lines["registration"]["verdict"], "consentUrl" in lines["registration"]["seen"]) == ("failure", True)
    assert lines["registration"]["advice"]
    assert company.name in lines["API keys"]["seen"]
    told = ops.run("doctor")
    assert told.exit == WRONG and "-> " in told.out


def test_the_doctor_tells_that_a_partner_is_down(ops: Command, world: World) -> None:
    # The question is repeated once.
    world.smartrecruiters.post("faults", {"operation": "getPartnerConfiguration", "count": 2, "kind": "cut_before"})
    lines = _lines(ops.run("--json", "doctor").json)
    assert (lines["SmartRecruiters"]["verdict"], lines["registration"]["verdict"]) == ("failure", "warning")


def test_the_doctor_tells_that_the_api_is_elsewhere(ops: Command) -> None:
    lines = _lines(ops.run("--json", "--api-url", "http://127.0.0.1:9", "doctor").json)
    assert lines["routes"]["verdict"] == "failure"
    assert lines["registration"]["verdict"] == "failure"


def test_the_doctor_tells_that_an_alarm_is_raised(ops: Command, world: World, aws: Callable[[str], Any]) -> None:
    [name] = [resource["PhysicalResourceId"] for resource in _resources(world, aws)
              if resource["LogicalResourceId"] == "DueWorkLateAlarm"]
    cloudwatch = aws("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    try:
        line = _lines(ops.run("--json", "doctor").json)["alarms"]
        assert line["verdict"] == "failure" and name in line["seen"]
    finally:
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")


def test_ctrl_c_ends_the_doctor_at_once(ops: Command, world: World) -> None:
    world.smartrecruiters.post("faults", {"operation": "getPartnerConfiguration", "count": 1, "kind": "slow",
                                          "delay_ms": 4_000})

    def it_asks() -> None:
        eventually(lambda: world.smartrecruiters.get("held"), pause=0.05)

    ran = ops.interrupted("doctor", when=it_asks)
    assert (ran.exit, ran.out) == (INTERRUPTED, "")
    assert "before anything was changed" in ran.sentence


def _registers_elsewhere(world: World) -> None:
    """Somebody has registered another consent page."""
    stack = world.ops.stack
    form = {"grant_type": "client_credentials", "client_id": stack.master_client_id,
            "client_secret": stack.master_client_secret}
    answer = requests.post(f"{stack.smartrecruiters_url}/identity/oauth/token", data=form, timeout=60)
    headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
    body = {**registration.configuration(stack), "consentUrl": "https://else.example/integration"}
    url = f"{stack.smartrecruiters_url}/assessment-api/v202010/partner/configuration"
    answer = requests.put(url, json=body, headers=headers, timeout=60)
    assert answer.ok, answer.text


def _lines(answer: Any) -> dict[str, Any]:
    return {line["check"]: line for line in answer["lines"]}


def _resources(world: World, aws: Callable[[str], Any]) -> list[dict[str, Any]]:
    pages = aws("cloudformation").get_paginator("list_stack_resources")
    name = deploy.cloudformation_name(world.ops.stack)
    return [one for page in pages.paginate(StackName=name) for one in page["StackResourceSummaries"]]


# --- register ----------------------------------------------------------------------------------


def test_a_stack_that_is_registered_has_nothing_to_change(ops: Command) -> None:
    assert ops.asks("register", "--yes") == {"differences": [], "changed": False}


def test_what_differs_is_shown_and_put(ops: Command, world: World) -> None:
    ran = ops.run("register", "--display", "REDIRECT", "--field", "level=Level=Of the job", "--dry-run")
    assert ran.exit == 0 and "consentDisplayMode" in ran.err and "+ REDIRECT" in ran.err
    assert world.smartrecruiters.get("master")["configuration"]["consentDisplayMode"] == "POPUP"
    done = ops.asks("register", "--display", "REDIRECT", "--field", "level=Level=Of the job", "--yes")
    assert {one["property"] for one in done["differences"]} == {"consentDisplayMode", "fields"}
    seen = world.smartrecruiters.get("master")["configuration"]
    assert (seen["consentDisplayMode"], [field["id"] for field in seen["fields"]]) == ("REDIRECT", ["level"])
    # What is not told stays as it is.
    assert ops.asks("register", "--yes")["changed"] is False


def test_a_stack_that_was_never_registered_is(ops: Command, world: World) -> None:
    world.smartrecruiters.patch("master", {"forget_configuration": True})
    ran = ops.run("doctor")
    assert ran.exit == WRONG and "ops register" in ran.out
    assert len(ops.asks("register", "--yes")["differences"]) == 10
    company, account = world.company(), world.account()
    company.connects(account.enables_the_integration())


def test_the_disconnect_key_is_never_shown(ops: Command, world: World) -> None:
    world.smartrecruiters.patch("master", {"forget_configuration": True})
    ran = ops.run("register", "--dry-run")
    assert "integrationDisableUrl" in ran.err and "(key " in ran.err
    assert world.ops.stack.disconnect_key not in ran.err + ran.out


def test_too_many_fields_are_refused(ops: Command) -> None:
    fields = [argument for number in range(6) for argument in ("--field", f"f{number}=Field=x")]
    assert ops.run("register", *fields, "--yes").exit == USAGE


# --- rotate disconnect-key ---------------------------------------------------------------------


def test_a_disconnect_key_is_replaced_and_no_disconnect_is_refused(ops: Command, world: World) -> None:
    (before, _), (after, _) = world.connected(), world.connected()
    old = world.ops.stack.disconnect_key
    assert ops.asks("rotate", "disconnect-key", "--yes")["stage"] == "begun"
    keys = json.loads(_secret(world, "PartnerSecretArn"))
    assert (keys["previousDisconnectKey"], keys["clientId"]) == (old, world.ops.stack.master_client_id)
    registered = world.smartrecruiters.get("master")["configuration"]["integrationDisableUrl"]
    assert keys["disconnectKey"] in registered and old not in registered
    # SmartRecruiters may go on with the address that it knew.
    answer = world.product.call("DELETE", f"/integrations/{old}/companies/{before.name}")
    assert answer.status_code == 204
    assert after.disconnects() == 204
    ran = ops.run("rotate", "disconnect-key", "--finish", "--yes")
    assert (ran.exit, json.loads(_secret(world, "PartnerSecretArn"))) == (NOT_NOW, keys)
    assert "Consent forms" in ran.sentence
    assert ops.asks("rotate", "disconnect-key", "--yes")["stage"] == "under_way"
    assert json.loads(_secret(world, "PartnerSecretArn")) == keys


def test_a_disconnect_key_is_not_replaced_unless_somebody_confirms_it(ops: Command, world: World) -> None:
    # It asks SmartRecruiters first, whose answers others let go wrong where tests run side by side.
    before = _secret(world, "PartnerSecretArn")
    ran = ops.run("rotate", "disconnect-key")
    assert (ran.exit, ran.out) == (DECLINED, "") and "--yes" in ran.sentence
    shown = ops.run("rotate", "disconnect-key", "--dry-run")
    assert shown.exit == 0 and "--dry-run" in shown.out
    assert _secret(world, "PartnerSecretArn") == before


def test_a_disconnect_key_is_not_replaced_where_something_else_would_be_registered(ops: Command, world: World) -> None:
    assert ops.run("register", "--yes").exit == 0
    _registers_elsewhere(world)
    before = (_secret(world, "PartnerSecretArn"), world.smartrecruiters.get("master")["configuration"])
    for how in ("--yes", "--dry-run"):
        ran = ops.run("rotate", "disconnect-key", how)
        assert (ran.exit, ran.out) == (NOT_NOW, "")
        assert "consentUrl" in ran.err and "https://else.example/integration" in ran.err
        assert "ops register" in ran.sentence
    assert (_secret(world, "PartnerSecretArn"), world.smartrecruiters.get("master")["configuration"]) == before


def test_a_disconnect_key_that_is_not_registered_yet_goes_on_where_it_was_cut_off(ops: Command, world: World) -> None:
    # The address with the old key is the one that is registered.
    registration.register(world.ops.stack)
    world.smartrecruiters.post("faults", {"operation": "putPartnerConfiguration", "count": 1, "kind": "status",
                                          "status": 503})
    ran = ops.run("rotate", "disconnect-key", "--yes")
    assert ran.exit == PARTNER and "do this again" in ran.sentence
    assert ops.run("rotate", "disconnect-key", "--finish", "--yes").exit == NOT_NOW
    assert ops.asks("rotate", "disconnect-key", "--yes")["stage"] == "under_way"
    assert ops.asks("register", "--yes")["differences"] == []


# --- rotate signing-key, api-key, master -------------------------------------------------------


def test_a_signing_key_is_replaced_and_no_token_is_refused(ops: Command, scene: Scene) -> None:
    before = scene.company.token()
    assert ops.asks("rotate", "signing-key", "--company", scene.company.name, "--yes")["done"] == 1
    for token in (before, scene.company.token(fresh=True)):
        assert scene.world.product.call("GET", "/packages", token).status_code == 200
    shown = ops.asks("company", "show", scene.company.name)
    assert shown["signing_keys"] == 2


def test_an_api_key_is_replaced(ops: Command, scene: Scene) -> None:
    scene.account.disables_the_integration(callback="none")
    new = scene.account.enables_the_integration()
    before = ops.asks("company", "show", scene.company.name)["key"]
    ops.asks("rotate", "api-key", "--company", scene.company.name, "--yes", given=f"{new}\n")
    assert ops.asks("company", "show", scene.company.name)["key"] != before
    assert scene.assessment in scene.company.packages()


def test_an_api_key_that_testgorilla_refuses_replaces_nothing(ops: Command, scene: Scene) -> None:
    before = scene.world.ops.company_secrets(scene.company.name)
    ran = ops.run("rotate", "api-key", "--company", scene.company.name, "--yes", given="unknown-key")
    assert (ran.exit, ran.out) == (NOT_NOW, "")
    assert "unknown-key" not in ran.err
    assert scene.world.ops.company_secrets(scene.company.name) == before


def test_an_api_key_of_another_account_replaces_nothing(ops: Command, scene: Scene) -> None:
    other, account = scene.world.connected()
    account.creates()
    before = scene.world.ops.company_secrets(scene.company.name)
    ran = ops.run("rotate", "api-key", "--company", scene.company.name, "--yes", given=account.api_key)
    assert (ran.exit, ran.out) == (NOT_NOW, "")
    assert "another TestGorilla account" in ran.sentence and account.api_key not in ran.err
    assert scene.world.ops.company_secrets(scene.company.name) == before
    assert ops.asks("company", "show", other.name)["state"] == "active"


def test_a_master_pair_that_is_refused_replaces_nothing(ops: Command, world: World) -> None:
    before = _secret(world, "PartnerSecretArn")
    ran = ops.run("rotate", "master", "--client-id", "somebody", "--yes", given="wrong-s3cret")
    assert (ran.exit, ran.out, _secret(world, "PartnerSecretArn")) == (PARTNER, "", before)
    assert "wrong-s3cret" not in ran.err
    assert ops.run("rotate", "master", "--client-id", "somebody", "--yes", given="").exit == USAGE


def test_a_master_pair_is_filled_in(ops: Command, world: World) -> None:
    stack = world.ops.stack
    text = json.loads(_secret(world, "PartnerSecretArn"))
    _stores(world, "PartnerSecretArn", json.dumps({**text, "clientId": "", "clientSecret": ""}))
    ran = ops.run("register", "--yes")
    assert ran.exit == HALF_DEPLOYED and "ops rotate master" in ran.sentence
    ops.asks("rotate", "master", "--client-id", stack.master_client_id, "--yes", given=stack.master_client_secret)
    assert json.loads(_secret(world, "PartnerSecretArn")) == text
    company, account = world.company(), world.account()
    company.connects(account.enables_the_integration())


def _secret(world: World, output: str) -> str:
    name = world.ops.stack.outputs[output]
    return str(world.ops.aws("secretsmanager").get_secret_value(SecretId=name)["SecretString"])


# --- rotate callback-secret: last, as processes remember for minutes what they took -----------


def test_a_callback_secret_is_replaced_and_no_callback_is_refused(ops: Command, scene: Scene) -> None:
    world = scene.world
    old = world.ops.stack.callback_secret
    candidature = scene.invited(scene.orders()[0])
    assert ops.asks("rotate", "callback-secret", "--yes")["stage"] == "begun"
    assert ops.asks("rotate", "callback-secret", "--yes")["stage"] == "under_way"
    new, other = _secret(world, "CallbackSecretArn").split()
    world.marks.add("secret", new)
    assert (other, new != old) == (old, True)
    try:
        for secret in (old, new, old, new):
            world.testgorilla.put("callbacks", {"secret": secret})
            assert _statuses(_calls_back(world, candidature)) == [202]
        assert ops.asks("rotate", "callback-secret", "--finish", "--yes")["stage"] == "finished"
        assert _secret(world, "CallbackSecretArn") == new
        assert _statuses(_calls_back(world, candidature)) == [202]
        assert ops.asks("rotate", "callback-secret", "--finish", "--yes")["stage"] == "single"
    finally:
        world.testgorilla.put("callbacks", {"secret": old})


def _calls_back(world: World, candidature: int) -> Any:
    body = {"type": "candidature.started", "timestamp": "2026-01-03T09:12:00Z", "data": {"candidature_id": candidature}}
    return world.testgorilla.post("callbacks", body)


def _statuses(answer: Any) -> list[int]:
    callbacks = answer["callbacks"] if isinstance(answer, dict) else answer
    return [one["status"] for one in callbacks]


def _calms(world: World) -> None:
    """Whatever alarm other tests have raised is over."""
    cloudwatch = world.ops.aws("cloudwatch")
    for alarm in cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]:
        cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="OK", StateReason="another test's")
