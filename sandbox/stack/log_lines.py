"""One log event as a line for people: when, who, how grave, what happened, and what it was about."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# What Lambda itself writes around an invocation: the functions' own events say more.
PLATFORM = re.compile(r"(START|END|REPORT|INIT_START|EXTENSION) ?")
# Colours of a terminal by level.
COLOURS = {"ERROR": "31", "WARN": "33", "INFO": "32", "DEBUG": "36", "TRACE": "90"}
DIM = "90"
# Of a request's id so much that two are told apart.
SHORT = 8
LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")
# Fields that have a place of their own in the line, and the one that tells CloudWatch which others are metrics.
PLACED = {"timestamp", "level", "event", "span", "message", "request_id", "_aws"}


@dataclass(frozen=True)
class Line:
    """An event of one function's log."""

    # When it was written down, in milliseconds since 1970: Lambda does that at an invocation's end.
    at: int
    function: str
    text: str

    @property
    def when(self) -> datetime:
        """When it happened: the event says so itself."""
        try:
            return datetime.fromisoformat(str(self.values.get("timestamp"))).astimezone(UTC)
        except ValueError:
            return datetime.fromtimestamp(self.at / 1000, UTC)

    @property
    def values(self) -> dict[str, Any]:
        """The event's fields; none when it is no JSON object."""
        try:
            read = json.loads(self.text)
        except json.JSONDecodeError:
            return {}
        return read if isinstance(read, dict) else {}

    def is_platform(self) -> bool:
        """Whether Lambda wrote it, and not the function."""
        return bool(PLATFORM.match(self.text)) or str(self.values.get("type", "")).startswith("platform.")

    def is_at_least(self, level: str) -> bool:
        """Whether it is as grave as `level`. What has no level is shown always: a crash speaks so."""
        own = str(self.values.get("level", "ERROR"))
        return own not in LEVELS or LEVELS.index(own) >= LEVELS.index(level)

    def shown(self, colour: bool) -> str:
        """The line for people, without its end."""
        values = self.values
        time = self.when.strftime("%H:%M:%S.%f")[:-3]
        if not values:
            return f"{_dim(time, colour)} {self.function:11} {self.text.rstrip()}"
        level = str(values.get("level", ""))
        said = " ".join(filter(None, (str(values.get("event", "")), str(values.get("message", "")))))
        about = " ".join(f"{name}={_value(value)}" for name, value in values.items() if name not in PLACED)
        parts = [_dim(time, colour), f"{self.function:11}", _paint(f"{level:5}", COLOURS.get(level, ""), colour), said, about,
                 _dim(_request(values.get("span", values)), colour)]
        return " ".join(filter(None, parts))


def _request(span: Any) -> str:
    """Which invocation it was in, and whether that one started the process."""
    if not isinstance(span, dict) or "request_id" not in span:
        return ""
    return f"({str(span['request_id'])[:SHORT]}{', cold start' if span.get('cold_start') else ''})"


def _value(value: Any) -> str:
    """A field's value; text with spaces in quotation marks."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False) if not text or " " in text else text


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour and code and text else text


def _dim(text: str, colour: bool) -> str:
    return _paint(text, DIM, colour)
