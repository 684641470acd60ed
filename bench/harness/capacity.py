"""DynamoDB's request units, reckoned from what was sent and received."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# Attributes of each index's key, as template.yaml defines them. All hold keys alone: an entry is below one unit's size.
INDEXES = {"due": ("due_shard", "due_at"), "lookup": ("lookup",), "listed": ("listed",)}


@dataclass
class Units:
    """Read and write request units."""

    read: float = 0.0
    write: float = 0.0


class Reckoner:
    """Follows a row of calls: what an item's index entries were decides what a further write of it costs."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, calls: Iterable[dict[str, Any]]) -> Units:
        """The units of some calls."""
        units = Units()
        for call in calls:
            if not call["what"].startswith("DynamoDB"):
                continue
            if call["status"] != 200:
                # A write whose condition does not hold is charged as one that was made.
                units.write += "ConditionalCheckFailed" in (call["response"] or "")
                continue
            operation = call["what"].rpartition(".")[2]
            request, response = json.loads(call["request"]), json.loads(call["response"] or "{}")
            consistent = 1.0 if request.get("ConsistentRead") else 0.5
            if operation == "GetItem":
                units.read += consistent * max(1, _ceil(size(response.get("Item", {})), 4096))
            elif operation == "Query":
                read = sum(size(item) for item in response.get("Items", []))
                units.read += consistent * max(1, _ceil(read, 4096))
            elif operation == "PutItem":
                units.write += self._put(request["Item"], 1)
            elif operation == "UpdateItem":
                # Counts and turns: small, and in no index.
                units.write += 1
            elif operation == "TransactWriteItems":
                units.write += sum(self._put(item["Put"]["Item"], 2) for item in request["TransactItems"])
            else:
                raise ValueError(f"{operation} is not reckoned with")
        return units

    def _put(self, item: dict[str, Any], times: int) -> float:
        """A written item and its entries in the indexes."""
        key = (item["pk"]["S"], item["sk"]["S"])
        before, now = self._entries.get(key, {}), _entries(item)
        self._entries[key] = now
        changed = 0
        for index in INDEXES:
            old, new = before.get(index), now.get(index)
            if old != new:
                # An entry that moves is deleted and put.
                changed += (old is not None) + (new is not None)
        return times * max(1, _ceil(size(item), 1024)) + changed


def _entries(item: dict[str, Any]) -> dict[str, Any]:
    return {index: [item[name] for name in names] for index, names in INDEXES.items() if all(name in item for name in names)}


def size(item: dict[str, Any]) -> int:
    """Size of an item as DynamoDB counts it."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: dict[str, Any]) -> int:
    [(kind, held)] = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held.strip("-").replace(".", "")) // 2 + 2
        case "B":
            return len(base64.b64decode(held))
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value(one) for one in held)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value(one) for name, one in held.items())
    raise ValueError(f"attributes of type {kind} are not reckoned with")


def _ceil(number: int, by: int) -> int:
    return -(-number // by)
