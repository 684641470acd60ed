"""Three books, ours, SmartRecruiters' and TestGorilla's, held against what the candidates did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Expected:
    """What must be published to an order: the scores of its own candidate, by test."""

    order: str
    company: str
    email: str
    candidature: int | None
    scores: dict[str, int]

    @property
    def overall(self) -> int:
        """The mean, rounded half up."""
        return (2 * sum(self.scores.values()) + len(self.scores)) // (2 * len(self.scores))


@dataclass(frozen=True)
class Books:
    """The three books. Ours: items of orders by company and order; theirs: orders; and TestGorilla's mails and candidatures."""

    ours: dict[tuple[str, str], dict[str, Any]]
    orders: dict[str, dict[str, Any]]
    mails: list[dict[str, Any]]
    candidatures: list[dict[str, Any]]


@dataclass
class Reckoning:
    """What the books disagree about."""

    orders: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    regressed: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether they agree."""
        return not (self.lost or self.doubled or self.foreign or self.regressed)

    def __str__(self) -> str:
        """The counts, and the first of each kind."""
        kinds = {"lost": self.lost, "doubled": self.doubled, "foreign": self.foreign, "regressed": self.regressed}
        counts = ", ".join(f"{kind} {len(found)}" for kind, found in kinds.items())
        examples = [f"  {kind}: {one}" for kind, found in kinds.items() for one in found[:5]]
        return "\n".join([f"{self.orders} orders: {counts}", *examples])


def reckon(expected: Iterable[Expected], books: Books) -> Reckoning:
    """Compares the three books."""
    everyone = list(expected)
    found = Reckoning(len(everyone))
    for one in everyone:
        theirs, noted = books.orders.get(one.order), books.ours.get((one.company, one.order))
        if theirs is None or noted is None or one.candidature is None:
            found.lost.append(f"{one.order} is not in every book")
            continue
        status = noted.get("published", {}).get("status", "")
        if theirs["status"] != "COMPLETED" or status != "completed":
            found.lost.append(f"{one.order} is {theirs['status']} there and {status or 'silent'} here")
        elif (told := _told(theirs["result"])) != (one.overall, one.scores) or not _is_linked(theirs["result"], one):
            found.foreign.append(f"{one.order} shows {told} instead of {(one.overall, one.scores)}")
        if theirs["regressions"]:
            found.regressed.append(f"{one.order} went {theirs['changes']}")
    known = {(one.company, one.order) for one in everyone}
    found.foreign += [f"{order} is noted for {company}" for company, order in books.ours if (company, order) not in known]
    found.doubled += _doubled("mailed", ((mail["account"], mail["assessment"], mail["to"].lower()) for mail in books.mails))
    found.doubled += _doubled("invited", ((candidature["account"], candidature["assessment"], candidature["email"].lower())
                                          for candidature in books.candidatures))
    return found


def _told(result: dict[str, Any]) -> tuple[int | None, dict[str, int]]:
    """Overall score, and each test's."""
    tests = {test["name"]: test["score"]["raw"] for test in result.get("assessmentResults", []) if "score" in test}
    return result.get("score", {}).get("raw"), tests


def _is_linked(result: dict[str, Any], one: Expected) -> bool:
    """Whether See Results leads to the order's own candidature."""
    return any(link["url"].endswith(f"candidature={one.candidature}") for link in result.get("attachments", []))


def _doubled(what: str, keys: Iterable[tuple[Any, ...]]) -> list[str]:
    return [f"{key} was {what} {count} times" for key, count in Counter(keys).items() if count > 1]
