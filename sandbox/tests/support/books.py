"""Three books: our table, SmartRecruiters' orders, and TestGorilla's mail. They must agree in the end."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from .polling import eventually
from .world import World

FINAL = {"COMPLETED", "REJECTED", "EXPIRED"}


def no_violations(world: World) -> None:
    """Every call, in both directions, was valid by its contract."""
    for partner in (world.testgorilla, world.smartrecruiters):
        found = partner.get("violations")
        breaches = [(call["operation"], call["path"], call["violations"], call["own_violations"])
                    for call in found["violations"] + found["own"]]
        assert not breaches, breaches


def every_order_is_final_or_due(world: World) -> None:
    """Every order that was answered by a success is noted, and final, given up for a reason, or due."""
    for company in _companies(world):
        eventually(partial(_lost, world, company), until=_nothing)


def both_books_agree(world: World) -> None:
    """What we noted as published is what SmartRecruiters shows."""
    for company in _companies(world):
        eventually(partial(_disagreements, world, company), until=_nothing)


def no_regressions(world: World) -> None:
    """No order's status went backwards or from one end to another."""
    orders = [order for company in _companies(world) for order in world.smartrecruiters.get("orders", company=company)]
    assert not [(order["id"], order["changes"]) for order in orders if order["regressions"]]


def nobody_is_mailed_twice(world: World) -> None:
    """At most one mail for each account, assessment and address."""
    mails = world.testgorilla.get("mailbox")
    counts = Counter((mail["account"], mail["assessment"], mail["to"].lower()) for mail in mails)
    assert not [mail for mail, count in counts.items() if count > 1]


def _nothing(found: list[str]) -> bool:
    return not found


def _companies(world: World) -> list[str]:
    return sorted(world.marks.all()["company"])


def _accepted(world: World, company: str) -> dict[str, dict[str, Any]]:
    """SmartRecruiters' orders that we answered by a success, by id."""
    orders = world.smartrecruiters.get("orders", company=company)
    return {order["id"]: order for order in orders
            if any(delivery["status"] in (200, 202) for delivery in order["deliveries"])}


def _lost(world: World, company: str) -> list[str]:
    """Accepted orders that nobody will ever finish."""
    ours = {item["sk"].removeprefix("ORDER#"): item for item in world.ops.items(company, "ORDER#")}
    invitations = {item["sk"]: item for item in world.ops.invitations(company)}
    lost = []
    for order in _accepted(world, company):
        item = ours.get(order)
        if item is None:
            lost.append(f"{order} is not noted")
            continue
        invitation = invitations[f"INVITATION#{item['assessment']}#{item['candidate']}"]
        is_final = item.get("published", {}).get("status", "").upper() in FINAL or "closed" in item
        if not is_final and "due_at" not in invitation:
            lost.append(f"{order} is neither final nor due")
    return lost


def _disagreements(world: World, company: str) -> list[str]:
    """Orders of which SmartRecruiters shows something else than we have noted."""
    ours = {item["sk"].removeprefix("ORDER#"): item for item in world.ops.items(company, "ORDER#")}
    found = []
    for order, theirs in _accepted(world, company).items():
        noted = ours.get(order, {}).get("published", {}).get("status", "pending").upper()
        if noted != theirs["status"]:
            found.append(f"{order}: {noted} here, {theirs['status']} there")
    return found
