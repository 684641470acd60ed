"""What goes wrong around the operator's command: a sentence that helps, an exit code of its own, nothing half done."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.command import AWS, CREDENTIALS, DECLINED, HALF_DEPLOYED, NO_STACK, USAGE, Command
from support.polling import eventually
from support.world import Scene

LOOK = ("company", "list")


def test_no_credentials(ops: Command) -> None:
    ran = ops.run(*LOOK, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert (ran.exit, ran.out) == (CREDENTIALS, "")
    assert "There are no AWS credentials" in ran.sentence and "aws sso login" in ran.sentence


def test_a_profile_that_does_not_exist(ops: Command) -> None:
    ran = ops.run("--profile", "nobody", *LOOK, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert (ran.exit, ran.out) == (CREDENTIALS, "")


def test_a_profile_of_the_shared_files_is_used(ops: Command, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile ours]\nregion = us-east-1\n")
    (tmp_path / "credentials").write_text("[ours]\naws_access_key_id = test\naws_secret_access_key = test\n")
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    ran = ops.run("--profile", "ours", *LOOK, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_REGION="",
                  AWS_DEFAULT_REGION="", **files)
    assert ran.exit == 0, ran


def test_no_region(ops: Command) -> None:
    ran = ops.run(*LOOK, AWS_REGION="", AWS_DEFAULT_REGION="")
    assert (ran.exit, ran.out) == (USAGE, "")
    assert "--region" in ran.sentence


def test_no_stack_named(ops: Command) -> None:
    ran = ops.run(*LOOK, OPS_STACK_NAME="")
    assert (ran.exit, ran.out) == (USAGE, "")
    assert "--stack-name" in ran.sentence


def test_a_stack_that_does_not_exist(ops: Command) -> None:
    ran = ops.run("--stack-name", "assessments-nowhere", *LOOK)
    assert (ran.exit, ran.out) == (NO_STACK, "")
    assert "assessments-nowhere" in ran.sentence and "--region" in ran.sentence


def test_a_stack_of_another_product(ops: Command, other_stack: Callable[[dict[str, Any]], str]) -> None:
    ran = ops.run("--stack-name", other_stack({"Bucket": {"Value": "a-bucket"}}), *LOOK)
    assert (ran.exit, ran.out) == (NO_STACK, "")
    assert "another product's" in ran.sentence


def test_a_stack_that_is_half_deployed(ops: Command, other_stack: Callable[[dict[str, Any]], str]) -> None:
    some = ("TableName", "InvitationQueueUrl")
    ran = ops.run("--stack-name", other_stack({name: {"Value": "there"} for name in some}), *LOOK)
    assert (ran.exit, ran.out) == (HALF_DEPLOYED, "")
    assert "PartnerSecretArn" in ran.sentence and "sam deploy" in ran.sentence


def test_aws_does_not_answer(ops: Command) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        ran = ops.run("--endpoint-url", f"http://127.0.0.1:{nobody.getsockname()[1]}", *LOOK)
    assert (ran.exit, ran.out) == (AWS, "")
    assert "Connection refused" in ran.sentence and "try again" in ran.sentence
    assert "Failure(" not in ran.sentence, "in words, without Rust's names"


def test_an_id_that_is_none(ops: Command) -> None:
    for arguments in (("company", "show", "acme/example"), ("order", "show", "42"),
                      ("why", "--company", "acme-example", "--assessment", "first")):
        ran = ops.run(*arguments)
        assert (ran.exit, ran.out) == (USAGE, "")


@pytest.mark.parametrize("arguments", [
    ("company", "disconnect", "{company}"),
    ("erase", "--company", "{company}", "--candidate", "{candidate}"),
    ("rotate", "signing-key", "--company", "{company}"),
    ("rotate", "callback-secret"),
])
def test_what_changes_something_is_not_done_unless_somebody_confirms_it(ops: Command, scene: Scene,
                                                                        arguments: tuple[str, ...]) -> None:
    candidate, _ = scene.orders_for_later()
    typed = [argument.format(company=scene.company.name, candidate=candidate.email) for argument in arguments]
    before = _whole(scene)
    ran = ops.run(*typed)
    assert (ran.exit, ran.out) == (DECLINED, "")
    assert "--yes" in ran.sentence
    shown = ops.run(*typed, "--dry-run")
    assert shown.exit == 0 and "--dry-run" in shown.out
    assert _whole(scene) == before


def test_a_command_that_does_not_exist(ops: Command) -> None:
    assert ops.run("destroy").exit == USAGE


def test_every_command_explains_itself(ops: Command) -> None:
    for arguments in (("--help",), ("help", "register"), ("order", "list", "--help"), ("rotate", "master", "--help")):
        ran = ops.run(*arguments, OPS_STACK_NAME="", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        assert ran.exit == 0 and "Examples:" in ran.out


def _whole(scene: Scene) -> list[object]:
    """What the command could have changed of a company and of the stack's keys."""
    manager = scene.world.ops.aws("secretsmanager")
    outputs = scene.world.ops.stack.outputs
    own = [manager.get_secret_value(SecretId=outputs[name])["SecretString"]
           for name in ("PartnerSecretArn", "CallbackSecretArn")]
    return [own, scene.world.ops.company_secrets(scene.company.name), scene.world.ops.integration(scene.company.name)]


@pytest.fixture
def other_stack(aws: Callable[[str], Any]) -> Any:
    """Makes a stack with other outputs than ours; it ends with the test."""
    made: list[str] = []
    cloudformation = aws("cloudformation")

    def make(outputs: dict[str, Any]) -> str:
        name = f"other-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}, "Outputs": outputs}
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
        made.append(name)
        eventually(lambda: cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"],
                   until=lambda status: status == "CREATE_COMPLETE")
        return name

    yield make
    for name in made:
        cloudformation.delete_stack(StackName=name)
