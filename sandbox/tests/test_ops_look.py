"""Ops look at the stack: why, orders, companies. Looking changes nothing."""

from __future__ import annotations

import uuid

from support.command import FINE, NOT_FOUND, WRONG, Command
from support.world import Scene, World


def test_why_an_assessment_is_listed(ops: Command, scene: Scene) -> None:
    answer = ops.asks("why", "--company", scene.company.name, "--assessment", scene.assessment)
    assert answer["reason"] == "offered"
    assert answer["testgorilla"]["offered"] is True


def test_why_an_assessment_is_not_listed_is_said_in_a_sentence(ops: Command, world: World) -> None:
    company, account = world.company(), world.account()
    early = account.creates()
    company.connects(account.enables_the_integration())
    ran = ops.run("why", "--company", company.name, "--assessment", early)
    assert ran.exit == WRONG
    assert ran.out.startswith("The assessment was created before the integration was enabled.")


def test_why_says_the_same_as_the_reconcile_function(ops: Command, scene: Scene) -> None:
    archived = scene.account.creates(archived=True)
    ours = ops.run("--json", "why", "--company", scene.company.name, "--assessment", archived).json
    theirs = scene.world.ops.asks_why(scene.company.name, archived)
    assert (ours["reason"], ours["sentence"]) == (theirs["reason"], theirs["sentence"])


def test_why_of_a_company_that_was_never_connected(ops: Command, world: World) -> None:
    ran = ops.run("why", "--company", world.company().name, "--assessment", "1")
    assert (ran.exit, ran.out) == (NOT_FOUND, "")


def test_who_has_read_enough_may_close_the_pipe(ops: Command, scene: Scene) -> None:
    for arguments in (("company", "show", scene.company.name), ("--json", "company", "show", scene.company.name)):
        with ops.start(*arguments) as process:
            assert process.stdout is not None and process.stderr is not None
            process.stdout.close()
            assert (process.stderr.read(), process.wait(timeout=60)) == ("", FINE)


def test_an_order_is_shown_from_its_acceptance_to_its_end(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.finishes(candidate, order)
    answer = ops.asks("order", "show", order, "--company", scene.company.name)
    assert (answer["state"], answer["published"]["status"], answer["stuck"]) == ("completed", "COMPLETED", None)
    assert {"accepted", "invited by TestGorilla", "found completed", "published COMPLETED"} <= {
        event["what"] for event in answer["timeline"]}
    told = ops.run("order", "show", order, "--company", scene.company.name)
    assert told.exit == FINE
    for datum in (candidate.email, candidate.first_name, candidate.last_name):
        assert datum not in told.out


def test_an_order_is_found_without_its_company(ops: Command, scene: Scene) -> None:
    _, order = scene.orders()
    answer = ops.asks("order", "show", order)
    assert answer["company"] == scene.company.name


def test_an_order_of_another_company_is_not_shown_as_this_ones(ops: Command, world: World, scene: Scene) -> None:
    _, order = scene.orders()
    other, _ = world.connected()
    ran = ops.run("order", "show", order, "--company", other.name)
    assert (ran.exit, ran.out) == (NOT_FOUND, "")
    assert "another company's" in ran.sentence and "--company" in ran.sentence


def test_an_order_that_was_never_accepted_is_not_found(ops: Command, scene: Scene) -> None:
    ran = ops.run("order", "show", str(uuid.uuid4()))
    assert (ran.exit, ran.out) == (NOT_FOUND, "")


def test_orders_are_listed_by_state(ops: Command, scene: Scene) -> None:
    finished, done = scene.orders()
    scene.finishes(finished, done)
    waiting, open_ = scene.orders()
    scene.invited(waiting)
    answer = ops.asks("order", "list", "--company", scene.company.name)
    assert {order["order"]: order["state"] for order in answer["orders"]} == {done: "completed", open_: "sent"}
    only = ops.asks("order", "list", "--company", scene.company.name, "--state", "completed")
    assert [order["order"] for order in only["orders"]] == [done]
    assert ops.asks("order", "list", "--company", scene.company.name, "--stuck")["orders"] == []
    newest = ops.asks("order", "list", "--company", scene.company.name, "--limit", "1")
    assert ([order["order"] for order in newest["orders"]], newest["count"]) == ([open_], 2)


def test_a_stuck_order_shows_as_such(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.invited(candidate)
    with scene.stranded():
        [stuck] = ops.asks("order", "list", "--company", scene.company.name, "--stuck")["orders"]
        assert (stuck["order"], stuck["stuck"]) == (order, "stranded")
        ran = ops.run("order", "show", order, "--company", scene.company.name)
    assert ran.exit == WRONG and "ops redrive" in ran.out


def test_companies_are_listed_with_the_fingerprint_of_their_key(ops: Command, world: World) -> None:
    connected, account = world.connected()
    gone, _ = world.connected()
    gone.disconnects()
    listed = {company["company"]: company for company in ops.asks("company", "list")["companies"]}
    assert listed[connected.name]["state"] == "active" and len(listed[connected.name]["key"]) == 8
    assert listed[gone.name]["state"] in ("ending", "ended")
    active = [company["company"] for company in ops.asks("company", "list", "--active")["companies"]]
    assert connected.name in active and gone.name not in active
    assert account.api_key not in ops.run("company", "list").out


def test_a_company_is_shown_with_its_orders_by_state(ops: Command, scene: Scene) -> None:
    candidate, _ = scene.orders()
    scene.invited(candidate)
    answer = ops.asks("company", "show", scene.company.name)
    assert (answer["orders"], answer["stuck"], answer["offered"]) == ({"sent": 1}, 0, 1)
    assert answer["refreshed_at"] is not None
    told = ops.run("company", "show", scene.company.name).out
    assert "1 sent" in told and scene.account.api_key not in told


def test_a_company_that_was_never_connected_is_not_found(ops: Command, world: World) -> None:
    ran = ops.run("company", "show", world.company().name)
    assert (ran.exit, ran.out) == (NOT_FOUND, "")
    assert "ops company list" in ran.sentence
