"""The burst: many orders of one company at once, under TestGorilla's 60 invitations a minute, and another company's only one. The
crowd: many companies with many orders each."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from stack.progress import Failed, say

from . import bulk
from . import scene as scenes
from .scene import Scene

# What TestGorilla allows in a window.
ALLOWED, WINDOW_SECONDS = 60, 60
# A window of real time, or a third of it.
SPEEDS = {"real": 1, "scaled": 3}
INVITE = "inviteCandidate"
DELAY_SECONDS = 5
CROWD_SECONDS = 1800


@dataclass(frozen=True)
class Order:
    """An order and when it was taken."""

    email: str
    at: float


def run(orders: int, speed: str, functions: Path) -> None:
    """Runs one burst and writes down what came of it."""
    window = WINDOW_SECONDS // SPEEDS[speed]
    with _stack(functions, window) as big:
        small = big.another()
        _limit(big, window)
        say(f"{orders} orders of one company, {ALLOWED} invitations in {window} s ...")
        with ThreadPoolExecutor(max_workers=8) as pool:
            taken = list(pool.map(lambda number: _order(big, f"c{number}@burst.example"), range(orders)))
        say(f"  taken in {taken[-1].at - taken[0].at:.0f} s")
        alone = _order(small, "only@other.example")
        mails, other = _follow(big, small, orders, window)
        told = _reckon(big, taken, mails, alone, other, window)
    bulk.keep(bulk.BURST, f"one company, {orders} orders" + ("" if speed == "real" else f", time {SPEEDS[speed]} × as fast"), told)


def crowd(companies: int, orders: int, functions: Path) -> None:
    """Many companies with many orders each, all at once, in real time."""
    with _stack(functions, WINDOW_SECONDS) as first:
        scenes_of = [first, *(first.another() for _ in range(companies - 1))]
        _limit(first, WINDOW_SECONDS)
        say(f"{orders} orders of each of {companies} companies, {ALLOWED} invitations in {WINDOW_SECONDS} s for each ...")
        wanted = [(scene, f"c{number}@{scene.company}.example") for number in range(orders) for scene in scenes_of]
        with ThreadPoolExecutor(max_workers=8) as pool:
            taken = list(pool.map(lambda one: _order(*one), wanted))
        say(f"  taken in {taken[-1].at - taken[0].at:.0f} s")
        mails = _all_mails(scenes_of, companies * orders)
        statuses = sum((scene.answers(INVITE) for scene in scenes_of), Counter[str]())
        told = _reckon_crowd(taken, mails, statuses)
    bulk.keep(bulk.BURST, f"{companies} companies, {orders} orders each", told)


@contextmanager
def _stack(functions: Path, window: int) -> Iterator[Scene]:
    """A stack where everything works by itself at a pace that goes with the window, with a connected company."""
    os.environ["INVITATION_DELAY_SECONDS"] = str(DELAY_SECONDS)
    os.environ["INVITATIONS_PER_MINUTE"] = str(ALLOWED * WINDOW_SECONDS // window)
    with scenes.working(functions) as big:
        yield big


def _limit(scene: Scene, window: int) -> None:
    """From now on TestGorilla's stand-in has its limit of invitations again."""
    scene.control("testgorilla", "PUT", "limits", {"limits": {"invitations": ALLOWED}, "window_seconds": window})


def _order(scene: Scene, email: str) -> Order:
    candidate = {"email": email, "first_name": "Juno", "last_name": "Example"}
    body: dict[str, Any] = {"company": scene.company, "package": scene.packages[0], "candidate": candidate}
    for _ in range(5):
        at = time.time()
        made = scene.control("smartrecruiters", "POST", "orders", body)
        if made["status"] == 202:
            return Order(email, at)
        say(f"  an order is answered {made['status']}: it is delivered again")
        body["again"] = True
    raise Failed(f"The order for {email} is not taken.")


def _follow(big: Scene, small: Scene, orders: int, window: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Waits until everybody is invited, with a line now and then."""
    limit = orders / ALLOWED * window * 2 + 300
    started = spoke = time.monotonic()
    while True:
        mails = big.control("testgorilla", "GET", f"mailbox?account={big.company}")
        other = small.control("testgorilla", "GET", f"mailbox?account={small.company}")
        if len({mail["to"] for mail in mails}) >= orders and other:
            return mails, other[0]
        now = time.monotonic()
        if now - spoke > 8:
            spoke = now
            say(f"  {len(mails)} of {orders} invited, {now - started:.0f} s")
        if now - started > limit:
            raise Failed(f"Only {len(mails)} of {orders} are invited after {limit:.0f} s; the other company's: {len(other)}.")
        time.sleep(1)


def _all_mails(scenes_of: list[Scene], wanted: int) -> dict[str, list[dict[str, Any]]]:
    """Waits until everybody is invited, with a line now and then."""
    started = time.monotonic()
    while True:
        mails = {scene.company: scene.control("testgorilla", "GET", f"mailbox?account={scene.company}") for scene in scenes_of}
        count = sum(len(of_one) for of_one in mails.values())
        say(f"  {count} of {wanted} invited, {time.monotonic() - started:.0f} s")
        if count >= wanted:
            return mails
        if time.monotonic() - started > CROWD_SECONDS:
            raise Failed(f"Only {count} of {wanted} are invited after {CROWD_SECONDS} s.")
        time.sleep(5)


def _reckon_crowd(taken: list[Order], mails: dict[str, list[dict[str, Any]]], statuses: Counter[str]) -> dict[str, Any]:
    sent = {company: sorted(_seconds(mail["sent_at"]) for mail in of_one) for company, of_one in mails.items()}
    times = Counter(mail["to"] for of_one in mails.values() for mail in of_one)
    first, last = min(of_one[0] for of_one in sent.values()), max(of_one[-1] for of_one in sent.values())
    spans = sorted(of_one[-1] - of_one[0] for of_one in sent.values())
    return {
        "orders": len(taken), "companies": len(sent),
        "from first order to last invitation, s": round(last - min(order.at for order in taken), 1),
        "invitations a minute in all": round(60 * len(times) / (last - first)),
        "a company's first to last invitation, s": f"{spans[0]:.0f} to {spans[-1]:.0f}",
        **_kept(taken, times, statuses),
    }


def _kept(taken: list[Order], times: Counter[str], statuses: Counter[str]) -> dict[str, Any]:
    """What must not happen: refusals, nobody invited, somebody invited twice."""
    calls = sum(statuses.values())
    return {
        "calls": calls, "answered 429": statuses["429"], "share of 429": round(statuses["429"] / calls, 4),
        "lost": len(taken) - len(times), "doubled": sum(1 for count in times.values() if count > 1),
    }


def _reckon(big: Scene, taken: list[Order], mails: list[dict[str, Any]], alone: Order, other: dict[str, Any],
            window: int) -> dict[str, Any]:
    """What was promised, and what came of it."""
    first_order = min(order.at for order in taken)
    sent = sorted(_seconds(mail["sent_at"]) for mail in mails)
    # The limit's rate over the time in which there was something to invite.
    possible = ALLOWED * (sent[-1] - sent[0]) / window
    times = Counter(mail["to"] for mail in mails)
    return {
        "orders": len(taken), "window_seconds": window,
        "from first order to last invitation, s": round(sent[-1] - first_order, 1),
        "in real time, min": round((sent[-1] - first_order) * WINDOW_SECONDS / window / 60, 1),
        "share of the limit's rate": round(len(mails) / possible, 3),
        **_kept(taken, times, big.answers(INVITE)),
        "the other company's order waits, s": round(_seconds(other["sent_at"]) - alone.at, 1),
    }


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
