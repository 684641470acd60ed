"""`make logs`: one readable stream of what all functions log."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from itertools import pairwise

import pytest
from support.polling import eventually
from support.world import Scene

from stack.description import Stack
from stack.log_lines import Line
from stack.settings import ROOT

EVENT = {"timestamp": "2026-01-05T09:00:00.123456Z", "level": "WARN", "event": "invitation.failed", "company": "acme-example",
         "error": "no answer in time", "span": {"request_id": "8f14e45f-ceea", "cold_start": True, "name": "invocation"}}
LINE = Line(1767603600999, "invitations", json.dumps(EVENT))


def test_a_line_says_when_who_how_grave_and_what_about() -> None:
    assert LINE.shown(colour=False) == ('09:00:00.123 invitations WARN  invitation.failed company=acme-example '
                                        'error="no answer in time" (8f14e45f, cold start)')


def test_metrics_are_shown_without_what_cloudwatch_reads_them_by() -> None:
    metrics = {"timestamp": "2026-01-05T09:00:00.123456Z", "level": "INFO", "event": "metrics", "OldestDueAge": 59,
               "_aws": {"Timestamp": 1767603600999, "CloudWatchMetrics": []}, "request_id": "8f14e45f-ceea"}
    line = Line(1767603600999, "reconcile", json.dumps(metrics))
    assert line.shown(colour=False) == "09:00:00.123 reconcile   INFO  metrics OldestDueAge=59 (8f14e45f)"


def test_colours_add_nothing_but_colours() -> None:
    shown = LINE.shown(colour=True)
    assert "\x1b[33mWARN \x1b[0m" in shown
    for code in ("\x1b[33m", "\x1b[90m", "\x1b[0m"):
        shown = shown.replace(code, "")
    assert shown == LINE.shown(colour=False)


def test_what_is_no_json_is_shown_as_it_is() -> None:
    assert Line(1767603600000, "orders", "thread 'main' panicked\n").shown(colour=True).endswith("orders      thread 'main' panicked")
    assert Line(0, "orders", "thread 'main' panicked").is_at_least("ERROR")


@pytest.mark.parametrize("text", ["START RequestId: 1 Version: 2", "END RequestId: 1", "REPORT RequestId: 1\tDuration: 2 ms",
                                  '{"time": "2026-01-05T09:00:00Z", "type": "platform.report", "record": {}}'])
def test_what_lambda_says_itself_is_told_apart(text: str) -> None:
    assert Line(0, "orders", text).is_platform()
    assert not LINE.is_platform()


def test_what_is_less_grave_than_asked_for_is_left_out() -> None:
    assert LINE.is_at_least("WARN")
    assert not LINE.is_at_least("ERROR")


def test_an_order_can_be_followed_through_the_functions(scene: Scene, stack: Stack) -> None:
    candidate, order = scene.orders()
    scene.invited(candidate)
    seen = eventually(lambda: _logs(stack, "--since", "10m", "--no-follow"),
                      lambda lines: any("invitations" in line and scene.company.name in line for line in lines))
    mine = [line for line in seen if scene.company.name in line]
    assert {"orders", "invitations"} <= {line.split()[1] for line in mine}
    times = [line[:12] for line in seen]
    # The times of day begin anew at midnight, and only then.
    assert sum(later < earlier for earlier, later in pairwise(times)) <= (1 if times[-1] < times[0] else 0)
    assert not [line for line in seen if "\x1b" in line], "colours are for terminals"
    assert not [line for line in seen if candidate.email in line]
    only = _logs(stack, "orders", "--since", "10m", "--no-follow", "--json")
    assert only and all(json.loads(line)["event"] for line in only)


def test_the_stream_ends_with_ctrl_c(scene: Scene, stack: Stack) -> None:
    scene.orders()
    process = subprocess.Popen(_command(stack, "--since", "10m"), cwd=ROOT, env=_environment(), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    patience = threading.Timer(60, process.kill)
    patience.start()
    try:
        assert process.stdout is not None and process.stdout.readline(), "it has come to its loop"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    finally:
        patience.cancel()
        process.kill()
        process.wait()
    assert (process.returncode, errors) == (0, "")


def test_an_unknown_function_is_named(stack: Stack) -> None:
    done = subprocess.run(_command(stack, "order"), cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "There is no function called order; there are" in done.stdout


def _logs(stack: Stack, *asked: str) -> list[str]:
    done = subprocess.run(_command(stack, *asked), cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def _command(stack: Stack, *asked: str) -> list[str]:
    return [sys.executable, "-m", "stack", "--name", stack.name, "logs", *asked]


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": "sandbox", "PATH": "/usr/bin:/bin"}
