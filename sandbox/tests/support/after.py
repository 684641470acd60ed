"""What must hold after all tests, over everything that they did.

The checks run once, in the process in charge, when every other test has ended, and are reported as tests.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Literal

import pytest

from . import books, leaks, log, privileges
from .world import World

CHECKS: dict[str, Callable[[World], None]] = {
    "every_call_of_the_product_keeps_to_the_partners_contracts": books.no_violations,
    "every_accepted_order_is_final_or_due": books.every_order_is_final_or_due,
    "smartrecruiters_shows_what_we_have_noted": books.both_books_agree,
    "no_order_has_gone_backwards": books.no_regressions,
    "no_candidate_is_mailed_twice_for_an_assessment": books.nobody_is_mailed_twice,
    "no_secret_is_in_any_log_message_item_url_or_error": leaks.no_secrets,
    "no_personal_datum_is_in_any_log_message_item_url_or_error": leaks.no_personal_data,
    "every_call_of_a_function_is_granted_by_its_policy": privileges.nothing_is_lacking,
    "every_right_that_a_policy_grants_is_used": privileges.nothing_is_in_excess,
    "every_metric_is_what_cloudwatch_reads": log.every_metric_is_what_cloudwatch_reads,
}


def report(session: pytest.Session, world: World) -> int:
    """Runs the checks and reports each as a test; returns the exit status of the session."""
    for name, check in CHECKS.items():
        began = time.time()
        problem: str | tuple[str, int, str] | None = None
        outcome: Literal["passed", "failed", "skipped"] = "passed"
        try:
            check(world)
        except pytest.skip.Exception as skipped:
            outcome, problem = "skipped", (__file__, 0, f"Skipped: {skipped.msg}")
        except Exception:
            outcome, problem = "failed", traceback.format_exc(limit=-3)
        done = pytest.TestReport(f"after all tests::{name}", ("after all tests", None, name), {}, outcome, problem,
                                 "call", duration=time.time() - began, start=began, stop=time.time())
        session.config.hook.pytest_runtest_logreport(report=done)
    return int(pytest.ExitCode.TESTS_FAILED) if session.testsfailed else int(session.exitstatus)
