"""`make check` and `make test`."""

from __future__ import annotations

import os
import shutil
import sys

from . import base_image, lifecycle, package, payloads, tools
from .description import Stack
from .progress import run, say
from .settings import ROOT, SCREENSHOTS, cargo_environment, target_folder

# The adapters' tests need the emulated AWS, and fail where it is not named; so they are asked for by name.
CONTRACT_TESTS = ("--features", "aws/ministack")

TESTS = ROOT / "sandbox" / "tests"

# The end-to-end tests wait for these often. None of their companies invites faster than its API key may.
SHORT_WAITS = {"INVITATION_DELAY_SECONDS": "3", "CATALOGUE_MAX_AGE_SECONDS": "1", "INVITATIONS_PER_MINUTE": "6000"}

# They wait more than they compute, so a few at once are faster even on two cores.
SIDE_BY_SIDE = ("--numprocesses", "4")


def quick() -> None:
    """Formatting, lints and the tests that need no server."""
    _lints()
    run("Unit tests", test_command("--lib", "--bins"), cargo_environment(), show=True)


def everything() -> None:
    """All checks, ending with pytest's summary. A stack of its own is up for the tests that need one."""
    base_image.provide()
    tools.browser()
    _lints()
    _benchmark()
    package.weigh_largest()
    for name, seconds in SHORT_WAITS.items():
        os.environ.setdefault(name, seconds)
    with lifecycle.temporary(f"test-{os.getpid()}") as stack:
        run("Unit and contract tests", test_command(*CONTRACT_TESTS), lifecycle.environment(stack), show=True)
        browser(stack)
        chaos(stack)
        deploying(stack)
        end_to_end(stack)
        alone(stack)


def browser(stack: Stack) -> None:
    """The tests in a browser, one after the other: beside others it would be starved."""
    try:
        _pytest("Browser tests", stack, str(TESTS / "browser"))
    finally:
        _keep_screenshots(stack)


def chaos(stack: Stack) -> None:
    """The tests in which everything fails: beside others, those would fail too."""
    _pytest("Chaos tests", stack, str(TESTS / "chaos"))


def storm(stack: Stack, orders: int, minutes: float) -> None:
    """One of them, with a number of orders and a limit of time."""
    _pytest(f"{orders} orders in a storm, {minutes:.0f} minutes at most", stack, str(TESTS / "chaos" / "test_storm.py"),
            CHAOS_ORDERS=str(orders), CHAOS_MINUTES=str(minutes))


def deploying(stack: Stack) -> None:
    """The tests that deploy: one after the other, for others would meet functions that are broken on purpose."""
    _pytest("Deployments", stack, str(TESTS / "deploying"))


def end_to_end(stack: Stack) -> None:
    """The other tests of the deployed stack, `sam local invoke` among them. Every test has run with them."""
    ignored = [f"--ignore={TESTS / name}" for name in ("browser", "chaos", "deploying", "alone")]
    _pytest("End-to-end tests", stack, *SIDE_BY_SIDE, *ignored, str(TESTS), ALL_TESTS_HAVE_RUN="1")


def alone(stack: Stack) -> None:
    """The tests that change what all companies share: others would see it change."""
    _pytest("Tests of what all companies share", stack, str(TESTS / "alone"))


def _pytest(title: str, stack: Stack, *arguments: str, **variables: str) -> None:
    """Runs pytest on the stack."""
    command = [sys.executable, "-m", "pytest", "--config-file", str(TESTS.parent / "pytest.ini"), *arguments]
    run(title, command, {**lifecycle.environment(stack), **variables}, show=True)


def _benchmark() -> None:
    """The benchmark's own tests, and the instructions of the hot paths against those that are recorded."""
    path = {"PYTHONPATH": f"{ROOT / 'bench'}{os.pathsep}{ROOT / 'sandbox'}"}
    run("Benchmark: tests", [sys.executable, "-m", "pytest", "-q", "--rootdir", str(ROOT / "bench"), str(ROOT / "bench" / "tests")],
        {**os.environ, **path}, show=True)
    run("Benchmark: instructions of the hot paths", [sys.executable, "-m", "harness", "instructions"],
        {**os.environ, **path}, show=True)


def _keep_screenshots(stack: Stack) -> None:
    """Keeps the browser's screenshots where they outlive the stack."""
    taken = stack.folder / "screenshots"
    if taken.exists():
        shutil.rmtree(SCREENSHOTS, ignore_errors=True)
        shutil.copytree(taken, SCREENSHOTS)
        say(f"Screenshots: {SCREENSHOTS.relative_to(ROOT)}")


def _lints() -> None:
    """Formatting and lints."""
    env = cargo_environment()
    run("Formatting", ["cargo", "fmt", "--all", "--check"], env)
    run("Lints", ["cargo", "clippy", "--locked", "--workspace", "--all-targets", *CONTRACT_TESTS,
                  "--", "-D", "warnings"], env)
    bench = ("--manifest-path", str(ROOT / "bench" / "Cargo.toml"))
    run("Formatting of the benchmark", ["cargo", "fmt", *bench, "--all", "--check"], env)
    # What it is compared with needs the SDK with all its defaults, which takes minutes to compile.
    run("Lints of the benchmark", ["cargo", "clippy", "--locked", *bench, "--target-dir", str(target_folder() / "bench"), "--workspace",
                                   "--exclude", "usual", "--all-targets", "--", "-D", "warnings"], env)
    run("Template", ["sam", "validate", "--lint", "--template-file", str(ROOT / "template.yaml")], env)
    payloads.check()


def test_command(*targets: str) -> list[str]:
    """Runs the Rust tests by nextest; where that is not installed, by cargo itself, which takes longer."""
    if shutil.which("cargo-nextest"):
        return ["cargo", "nextest", "run", "--locked", "--workspace", "--no-tests", "pass", *targets]
    say("cargo-nextest is not installed: `cargo test` runs the same tests.")
    return ["cargo", "test", "--locked", "--workspace", *targets]
