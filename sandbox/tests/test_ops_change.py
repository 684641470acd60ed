"""Ops change something about a company or a candidate: disconnect, erase, export, redrive, replay."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.command import FINE, INTERRUPTED, NOT_FOUND, PARTNER, USAGE, WRONG, Command, Ran
from support.company import Candidate
from support.polling import eventually
from support.turns import alone
from support.world import STUCK, Scene, World

# A time before and one after all tests.
EVER = ("--from", "2020-01-01", "--to", "2099-01-01")


# --- company disconnect ------------------------------------------------------------------------


def test_a_company_is_disconnected_and_can_connect_again(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.invited(candidate)
    assert ops.asks("company", "disconnect", scene.company.name, "--yes")["changed"] is True
    scene.company.shows(order, "EXPIRED", meanwhile=scene.hasten)
    eventually(lambda: ops.asks("company", "show", scene.company.name)["state"], until=lambda state: state == "ended",
               meanwhile=scene.hasten)
    assert scene.world.ops.company_secrets(scene.company.name) == {}
    assert ops.asks("company", "disconnect", scene.company.name, "--yes")["changed"] is False
    # SmartRecruiters has it connected until its admin says otherwise.
    scene.company.disconnects()
    scene.company.connects(scene.account.api_key)


def test_a_company_that_was_never_connected_is_not_disconnected(ops: Command, world: World) -> None:
    ran = ops.run("company", "disconnect", world.company().name, "--yes")
    assert (ran.exit, ran.out) == (NOT_FOUND, "")


# --- erase and export --------------------------------------------------------------------------


def test_a_candidate_is_told_what_is_held_and_erased(ops: Command, scene: Scene, tmp_path: Path) -> None:
    candidate, order = scene.orders()
    scene.finishes(candidate, order)
    who = ("--company", scene.company.name, "--candidate", candidate.email.upper())
    file = tmp_path / "held.json"
    told = ops.asks("export", *who, "--output", str(file))
    assert told["held"] == 1 and candidate.email not in json.dumps(told)
    [held] = json.loads(file.read_text())["held"]
    assert (held["candidate"]["email"], held["candidate"]["first_name"]) == (candidate.email, candidate.first_name)
    assert [(one["order"], one["status"]) for one in held["orders"]] == [(order, "COMPLETED")]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    erased = ops.asks("erase", *who, "--yes")
    assert (erased["done"], erased["busy"]) == (1, 0)
    assert scene.company.order(order)["status"] == "COMPLETED"
    _nothing_is_held(ops, who, tmp_path / "nothing.json")
    _is_gone(scene, candidate)


def test_what_was_done_leaves_a_record_that_names_nobody(ops: Command, scene: Scene) -> None:
    candidate, _ = scene.orders()
    scene.invited(candidate)
    who = ("--company", scene.company.name, "--candidate", candidate.email)
    ops.asks("export", *who)
    ops.asks("erase", *who, "--yes")
    requests = ops.asks("company", "show", scene.company.name)["requests"]
    assert [(one["request"], one["done"]) for one in requests] == [("export", 1), ("erasure", 1)]
    records = json.dumps(scene.world.ops.items(scene.company.name, "RECORD#"), default=str)
    assert candidate.email not in records and candidate.first_name not in records


def test_an_erasure_by_the_reconcile_function_leaves_the_same_record(ops: Command, scene: Scene) -> None:
    candidate, _ = scene.orders()
    scene.invited(candidate)
    scene.world.ops.erases(scene.company.name, email=candidate.email)
    [only] = ops.asks("company", "show", scene.company.name)["requests"]
    assert (only["request"], only["done"]) == ("erasure", 1)


def test_a_candidate_of_another_company_is_not_touched(ops: Command, world: World, scene: Scene,
                                                       tmp_path: Path) -> None:
    candidate, _ = scene.orders()
    other, _ = world.connected()
    _nothing_is_held(ops, ("--company", other.name, "--candidate", candidate.email), tmp_path / "nothing.json")
    assert ops.asks("company", "show", other.name)["requests"] == []
    assert candidate.email in str(scene.world.ops.invitations(scene.company.name))


def test_an_export_never_replaces_a_file(ops: Command, scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("mine")
    ran = ops.run("export", "--company", scene.company.name, "--candidate", "juno@example.com", "--output", str(file))
    assert (ran.exit, file.read_text()) == (USAGE, "mine")
    assert ops.asks("company", "show", scene.company.name)["requests"] == []


def _nothing_is_held(ops: Command, who: tuple[str, ...], file: Path) -> None:
    for request in (("erase", *who, "--yes"), ("erase", *who, "--dry-run"), ("export", *who),
                    ("export", *who, "--output", str(file))):
        ran = ops.run(*request)
        assert (ran.exit, ran.out) == (NOT_FOUND, ""), ran
        assert "Check the spelling" in ran.sentence and who[-1] not in ran.err
    assert not file.exists()


def _is_gone(scene: Scene, candidate: Candidate) -> None:
    items = str(scene.world.ops.items(scene.company.name))
    for datum in (candidate.email, candidate.first_name, candidate.last_name):
        assert datum not in items


# --- redrive -----------------------------------------------------------------------------------


def test_a_stuck_order_is_set_going(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    with scene.stranded():
        scene.account.takes(candidature, callback="none")
        assert ops.run("redrive", "--company", scene.company.name, "--dry-run").exit == FINE
        done = ops.asks("redrive", "--company", scene.company.name, "--yes")
        assert (done["stuck"], done["left"]) == (1, 0)
    scene.company.shows(order, "COMPLETED")
    assert ops.asks("redrive", "--company", scene.company.name, "--yes")["changed"] is False
    scene.arrives(candidate)


def test_dead_letters_go_back_to_work_and_what_cannot_be_read_stays(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    scene.account.takes(candidature, callback="none")
    [invitation] = scene.world.ops.invitations(scene.company.name)
    _, assessment, key = invitation["sk"].split("#")
    ids = {"company": scene.company.name, "assessment": int(assessment), "candidate": key}
    readable = json.dumps({"work": "follow", "invitation": ids, "hinted": True})
    unreadable = f"no message of {scene.company.name}"
    with alone(scene.world.ops.stack, STUCK), _alone_with_dead_letters(scene):
        scene.world.ops.sends("ResultDeadLetterQueue", readable, unreadable)
        ran = _puts_back(ops, scene)
        left = scene.world.ops.messages("ResultDeadLetterQueue")
        again = _puts_back(ops, scene)
        assert (ran.exit, again.exit) == (WRONG, WRONG)
        assert ran.json["dead_letters"] >= 1 and ran.json["unreadable"] >= 1
        assert unreadable in left and readable not in left
        assert unreadable in scene.world.ops.messages("ResultDeadLetterQueue", without=unreadable)
    scene.company.shows(order, "COMPLETED")


def test_dead_letters_alone_go_back_and_stuck_orders_are_left(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.invited(candidate)
    with scene.stranded(), _alone_with_dead_letters(scene):
        [stranded] = scene.world.ops.invitations(scene.company.name)
        scene.invited(scene.orders()[0])
        [other] = [one for one in scene.world.ops.invitations(scene.company.name) if one["sk"] != stranded["sk"]]
        _, assessment, key = other["sk"].split("#")
        letter = json.dumps({"company": scene.company.name, "assessment": int(assessment), "candidate": key, "mark": "one"})
        scene.world.ops.sends("InvitationDeadLetterQueue", letter)
        ran = _puts_back(ops, scene, "--dead-letters")
        assert (ran.json["dead_letters"] >= 1, ran.json["stuck"]) == (True, 0), ran
        assert letter not in scene.world.ops.messages("InvitationDeadLetterQueue")
        [stuck] = ops.asks("order", "list", "--company", scene.company.name, "--stuck")["orders"]
        assert (stuck["order"], stuck["stuck"]) == (order, "stranded")
    assert ops.run("redrive", "--dead-letters", "--company", scene.company.name, "--yes").exit == USAGE


def test_an_order_whose_invitation_is_lost_is_told_as_such(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.invited(candidate)
    scene.company.learns(order)
    [invitation] = scene.world.ops.invitations(scene.company.name)
    table, name = scene.world.ops.aws("dynamodb"), scene.world.ops.stack.outputs["TableName"]
    key = {"pk": {"S": invitation["pk"]}, "sk": {"S": invitation["sk"]}}
    item = table.delete_item(TableName=name, Key=key, ReturnValues="ALL_OLD")["Attributes"]
    try:
        ran = ops.run("--json", "redrive", "--company", scene.company.name, "--yes")
        assert (ran.exit, ran.json["lost"], ran.json["stuck"], ran.json["busy"]) == (WRONG, 1, 0, 0), ran
        [lost] = ops.asks("order", "list", "--company", scene.company.name, "--state", "lost")["orders"]
        assert (lost["order"], lost["stuck"]) == (order, "stranded")
    finally:
        table.put_item(TableName=name, Item=item)


def test_ctrl_c_in_the_midst_of_a_redrive_loses_no_message(ops: Command, scene: Scene) -> None:
    candidate, _ = scene.orders()
    scene.invited(candidate)
    [invitation] = scene.world.ops.invitations(scene.company.name)
    _, assessment, key = invitation["sk"].split("#")
    ids = {"company": scene.company.name, "assessment": int(assessment), "candidate": key}
    many = [json.dumps({**ids, "mark": number}) for number in range(10)]
    with alone(scene.world.ops.stack, STUCK), _alone_with_dead_letters(scene):
        # What others have left goes first, as far as it can be read: it would be put back before these.
        _puts_back(ops, scene)
        others = _depth(scene, "InvitationDeadLetterQueue")
        scene.world.ops.sends("InvitationDeadLetterQueue", *many)

        def some_are_back() -> None:
            eventually(lambda: _depth(scene, "InvitationDeadLetterQueue"), until=lambda now: now <= others + 8,
                       pause=0.1)

        with _unread(scene):
            ran = ops.interrupted("--json", "redrive", "--yes", "--rate", "1", when=some_are_back)
        assert ran.exit == INTERRUPTED
        back = ran.json["dead_letters"]
        left = [body for body in scene.world.ops.messages("InvitationDeadLetterQueue") if body in many]
        # Another's letter may have died meanwhile.
        assert 0 < back and 10 - back <= len(left) < 10
        rest = _puts_back(ops, scene)
        assert rest.json["dead_letters"] >= len(left)
        assert not set(many) & set(scene.world.ops.messages("InvitationDeadLetterQueue"))
    assert len(scene.account.mails(candidate.email)) == 1


@contextmanager
def _alone_with_dead_letters(scene: Scene) -> Iterator[None]:
    """Other tests leave dead letters of their own, and look for them."""
    with alone(scene.world.ops.stack, "InvitationQueue"), alone(scene.world.ops.stack, "ResultQueue"):
        yield


@contextmanager
def _unread(scene: Scene) -> Iterator[None]:
    """Nobody looks through the dead letters meanwhile: what somebody looks at cannot be put back."""
    with scene.world.ops.reading("InvitationDeadLetterQueue"), scene.world.ops.reading("ResultDeadLetterQueue"):
        yield


def _puts_back(ops: Command, scene: Scene, *more: str) -> Ran:
    """Ops redrive all dead letters."""
    with _unread(scene):
        return ops.run("--json", "redrive", "--yes", "--rate", "100", *more)


def _depth(scene: Scene, queue: str) -> int:
    """Messages in a queue that were not removed."""
    attributes = scene.world.ops.aws("sqs").get_queue_attributes(
        QueueUrl=scene.world.ops.stack.outputs[f"{queue}Url"], AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])


# --- replay ------------------------------------------------------------------------------------


def test_what_has_changed_at_testgorilla_is_read_back_and_published_once(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    # Nobody lets messages come back early, which would be read once more.
    with alone(scene.world.ops.stack, "ResultQueue"):
        before = scene.finishes(candidate, order)["result"]
    scene.account.control.patch(f"assessments/{scene.assessment}", {"name": "Renamed since"})
    replay = ("replay", *EVER, "--company", scene.company.name)
    assert ops.asks(*replay, "--dry-run") == {"found": 1, "changed": False}
    assert scene.company.order(order)["result"] == before
    done = ops.asks(*replay, "--yes")
    assert (done["read"], done["published"], done["deferred"]) == (1, 1, 0)
    after = scene.company.order(order)["result"]
    assert (after["name"], after["score"]) == ("Renamed since", before["score"])
    assert ops.asks(*replay, "--yes")["published"] == 0


def test_what_a_partner_does_not_answer_is_left_to_the_reconciliation(ops: Command, scene: Scene) -> None:
    candidate, order = scene.orders()
    candidature = scene.invited(candidate)
    scene.company.learns(order)
    scene.account.takes(candidature, callback="none")
    scene.account.misbehaves("getCandidate", "status", status=503)
    ran = ops.run("--json", "replay", *EVER, "--company", scene.company.name, "--yes")
    assert (ran.exit, ran.json["read"], ran.json["deferred"]) == (WRONG, 0, 1), ran
    scene.company.shows(order, "COMPLETED", meanwhile=scene.hasten)


def test_a_window_that_ends_before_it_begins_is_a_mistake(ops: Command) -> None:
    assert ops.run("replay", "--from", "2026-01-04", "--to", "2026-01-03", "--yes").exit == USAGE
    assert ops.run("replay", "--from", "yesterday", "--to", "2026-01-03").exit == USAGE


def test_ctrl_c_in_the_midst_of_a_replay_leaves_the_rest_for_the_next(ops: Command, scene: Scene) -> None:
    for candidate, order in [scene.orders() for _ in range(4)]:
        scene.invited(candidate)
        # From then on nobody else looks at it for minutes.
        scene.company.learns(order)

    def one_is_read(before: int = len(scene.account.calls("getCandidate"))) -> None:
        eventually(lambda: len(scene.account.calls("getCandidate")), until=lambda now: now > before, pause=0.1)

    replay = ("replay", *EVER, "--company", scene.company.name, "--yes")
    ran = ops.interrupted("--json", *replay, "--rate", "6", when=one_is_read)
    assert ran.exit == INTERRUPTED
    assert (ran.json["found"], ran.json["read"] < 4) == (4, True)
    assert ops.asks(*replay, "--rate", "600")["read"] == 4


def test_a_partner_that_is_down_is_told(ops: Command, world: World) -> None:
    ran = _with_smartrecruiters_down(world, lambda: ops.run("register", "--dry-run"))
    assert (ran.exit, ran.out) == (PARTNER, "")
    assert "SmartRecruiters is not available" in ran.sentence and "try again" in ran.sentence


def _with_smartrecruiters_down(world: World, do: Callable[[], Ran]) -> Ran:
    """What only ops call fails, and nothing else."""
    world.smartrecruiters.post("faults", {"operation": "getPartnerConfiguration", "count": 1, "kind": "status",
                                          "status": 503})
    return do()
