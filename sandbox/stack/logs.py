"""`make logs`: what all functions of the local stack log, in one stream and in the order of time, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from . import deploy
from .description import Stack
from .log_lines import LEVELS, Line
from .progress import Failed

PAUSE_SECONDS = 0.5
# An event may be written down a moment after a later one: so much of the past is looked at again.
LATE_MILLISECONDS = 5_000
# An event's stream, the event, and how many like it there have been: two may be the same in every letter.
Identity = tuple[str, Line, int]
UNITS = {"s": 1, "m": 60, "h": 3600}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    parser.description = __doc__
    parser.epilog = ("Colours appear on a terminal alone, and not where NO_COLOR is set. "
                     "Examples: logs --since 10m --no-follow; logs orders results --level WARN")
    parser.add_argument("functions", nargs="*", help="only these, e.g. orders results (default: all)")
    parser.add_argument("--since", default="1m", type=seconds, metavar="10m", help="begin so long ago (default: %(default)s)")
    parser.add_argument("--level", default="TRACE", choices=LEVELS, help="leave out what is less grave")
    parser.add_argument("--json", action="store_true", help="the events as they were logged, for jq")
    parser.add_argument("--platform", action="store_true", help="also what Lambda says about each invocation")
    parser.add_argument("--no-follow", action="store_true", help="end with what there is now")


def seconds(text: str) -> int:
    """A length of time, such as 90s, 10m or 2h."""
    found = re.fullmatch(r"(\d+)([smh])", text)
    if found is None:
        raise argparse.ArgumentTypeError("not a length of time such as 90s, 10m or 2h")
    return int(found.group(1)) * UNITS[found.group(2)]


def show(stack: Stack, asked: argparse.Namespace) -> None:
    """Prints what was asked for."""
    groups = _groups(stack, asked.functions)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    begin = int(time.time() - asked.since) * 1000
    try:
        for line in _lines(stack, groups, begin, follow=not asked.no_follow):
            if line.is_at_least(asked.level) and (asked.platform or not line.is_platform()):
                print(line.text.rstrip() if asked.json else line.shown(colour), flush=True)
    except BrokenPipeError:
        # Whoever read has gone, as `head` does: nothing is left to be said, not even at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _groups(stack: Stack, wanted: list[str]) -> dict[str, str]:
    """Log group by the function's short name."""
    prefix = f"/aws/lambda/{deploy.cloudformation_name(stack)}/"
    pages = deploy.client(stack, "logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    found = {group["logGroupName"].removeprefix(prefix): group["logGroupName"] for page in pages for group in page["logGroups"]}
    unknown = [name for name in wanted if name not in found]
    if unknown:
        raise Failed(f"There is no function called {', '.join(unknown)}; there are {', '.join(sorted(found))}.")
    return {name: group for name, group in found.items() if not wanted or name in wanted}


def _lines(stack: Stack, groups: dict[str, str], begin: int, *, follow: bool) -> Iterator[Line]:
    """Every line once, in the order of time as far as it is known when they come."""
    client = deploy.client(stack, "logs")
    seen: dict[Identity, int] = {}
    latest = begin
    while True:
        found = [(identity, line) for name, group in groups.items()
                 for identity, line in _since(client, name, group, max(begin, latest - LATE_MILLISECONDS))]
        fresh = [(identity, line) for identity, line in found if identity not in seen]
        for identity, line in sorted(fresh, key=lambda pair: pair[1].when):
            seen[identity] = line.at
            latest = max(latest, line.at)
            yield line
        if not follow:
            return
        # What lies further back is not asked for again.
        seen = {identity: at for identity, at in seen.items() if at >= latest - LATE_MILLISECONDS}
        time.sleep(PAUSE_SECONDS)


def _since(client: Any, name: str, group: str, begin: int) -> Iterator[tuple[Identity, Line]]:
    """The events of a group from a time on, each with what tells it apart: the emulated AWS gives them no id."""
    same: Counter[Identity] = Counter()
    for page in client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=begin):
        for event in page["events"]:
            line = Line(event["timestamp"], name, event["message"])
            what = (event["logStreamName"], line, 0)
            same[what] += 1
            yield (*what[:2], same[what]), line
