"""What is reckoned from counted calls: request units, looks, figures."""

from __future__ import annotations

import json
from typing import Any

from harness.capacity import Reckoner, size
from harness.cost import WITH_CALLBACKS, WITHOUT_CALLBACKS, looks_in
from harness.figures import told


def _call(operation: str, request: Any, response: Any = None) -> dict[str, Any]:
    return {"what": f"DynamoDB_20120810.{operation}", "status": 200, "request": json.dumps(request),
            "response": json.dumps(response or {})}


def _item(**more: Any) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"S": "b"}, **more}


def test_a_read_is_paid_by_4_kb_and_half_when_it_may_be_old() -> None:
    large = {"Item": _item(text={"S": "x" * 5000})}
    assert Reckoner().of([_call("GetItem", {"ConsistentRead": True}, large)]).read == 2
    assert Reckoner().of([_call("GetItem", {}, large)]).read == 1
    assert Reckoner().of([_call("GetItem", {})]).read == 0.5


def test_an_index_entry_that_moves_costs_two_writes() -> None:
    reckoner = Reckoner()
    due = {"due_shard": {"S": "1"}, "due_at": {"N": "1"}}
    later = {**due, "due_at": {"N": "2"}}
    for item, units in ((_item(), 1), (_item(**due), 2), (_item(**due), 1), (_item(**later), 3), (_item(), 2)):
        assert reckoner.of([_call("PutItem", {"Item": item})]).write == units


def test_a_transaction_costs_twice() -> None:
    puts = [{"Put": {"Item": _item()}}, {"Put": {"Item": _item(text={"S": "x" * 1500})}}]
    assert Reckoner().of([_call("TransactWriteItems", {"TransactItems": puts})]).write == 2 + 4


def test_the_size_of_an_item_is_names_and_values() -> None:
    assert size({"ab": {"S": "é"}, "c": {"BOOL": True}, "d": {"M": {"e": {"S": "f"}}}}) == (2 + 2) + (1 + 1) + (1 + 3 + 1 + 1 + 1)


def test_looks_become_rarer() -> None:
    # Until 50 minutes every five, then a tenth more each time.
    assert looks_in(1 / 24, *WITHOUT_CALLBACKS) == 2 * 5
    assert looks_in(2.0, *WITHOUT_CALLBACKS) < 2 * looks_in(1.0, *WITHOUT_CALLBACKS)
    # Twice a day, and a half lasts a day and a half.
    assert looks_in(3.0, *WITH_CALLBACKS) == 2 * 2


def test_the_99th_percentile_is_a_value_that_was_measured() -> None:
    of = told([float(number) for number in range(1, 201)])
    assert (of["median"], of["p99"], of["max"], of["n"]) == (100, 198, 200, 200)
