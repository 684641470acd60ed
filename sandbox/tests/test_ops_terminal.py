"""The operator's command at a terminal: it asks, and what is secret is not shown as it is typed."""

from __future__ import annotations

import pytest
from support.command import DECLINED, FINE, INTERRUPTED, NOT_NOW, Command
from support.terminal import CTRL_C
from support.world import Scene

QUESTION = "Go on? [y/N] "


def test_what_is_confirmed_is_done(ops: Command, scene: Scene) -> None:
    seen = ops.at_a_terminal("company", "disconnect", scene.company.name, answers=[(QUESTION, "y\n")])
    assert seen.exit == FINE, seen
    assert ops.asks("company", "show", scene.company.name)["end_cause"] == "disconnected"


@pytest.mark.parametrize(("answer", "exit_code"), [("\n", DECLINED), ("no\n", DECLINED), (CTRL_C, INTERRUPTED)])
def test_what_is_not_confirmed_is_not_done(ops: Command, scene: Scene, answer: str, exit_code: int) -> None:
    seen = ops.at_a_terminal("company", "disconnect", scene.company.name, answers=[(QUESTION, answer)])
    assert seen.exit == exit_code, seen
    assert "nothing was changed" in seen.screen or "before anything was changed" in seen.screen
    assert ops.asks("company", "show", scene.company.name)["state"] == "active"


def test_a_key_is_not_shown_as_it_is_typed(ops: Command, scene: Scene) -> None:
    scene.account.disables_the_integration(callback="none")
    new = scene.account.enables_the_integration()
    before = ops.asks("company", "show", scene.company.name)["key"]
    typed = ops.at_a_terminal("rotate", "api-key", "--company", scene.company.name,
                              answers=[("is not shown", f"{new}\n"), (QUESTION, "y\n")])
    assert typed.exit == FINE, typed
    assert new not in typed.screen
    assert ops.asks("company", "show", scene.company.name)["key"] != before


def test_ctrl_c_at_a_key_changes_nothing_and_leaves_the_terminal_as_it_was(ops: Command, scene: Scene) -> None:
    before = scene.world.ops.company_secrets(scene.company.name)
    seen = ops.at_a_terminal("rotate", "api-key", "--company", scene.company.name,
                             answers=[("is not shown", f"half-a-k3y{CTRL_C}")], then="stty -a")
    assert seen.exit == INTERRUPTED, seen
    assert " echo " in seen.screen and "half-a-k3y" not in seen.screen
    assert scene.world.ops.company_secrets(scene.company.name) == before


def test_a_key_that_is_refused_is_told_why(ops: Command, scene: Scene) -> None:
    seen = ops.at_a_terminal("rotate", "api-key", "--company", scene.company.name,
                             answers=[("is not shown", "unknown-key\n"), (QUESTION, "y\n")])
    assert seen.exit == NOT_NOW, seen
    assert "TestGorilla refuses the new API key: it does not know the key." in seen.screen
