"""Everybody together: makes companies and accounts that no other test knows."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .account import Account
from .company import Candidate, Company
from .control import Control, Product
from .marks import Marks
from .ops import Ops
from .polling import eventually
from .turns import alone

HOUR = 3_600_000
# Whoever sets all that is stuck going, and whose order is to stay stuck, take turns.
STUCK = "stuck-orders"


@dataclass(frozen=True)
class Scene:
    """A company that is connected to an account, with one assessment on offer."""

    world: World
    company: Company
    account: Account
    assessment: str

    def orders(self, candidate: Candidate | None = None, **options: Any) -> tuple[Candidate, str]:
        """A recruiter orders the assessment, and the order is accepted. Returns the candidate and the order's id."""
        candidate = candidate or self.company.candidate()
        return candidate, self.orders_of(self.assessment, candidate, **options)

    def orders_of(self, assessment: str, candidate: Candidate, **options: Any) -> str:
        """A recruiter orders another assessment, and the order is accepted. Returns the order's id."""
        ordered = self.company.orders(assessment, candidate, **options)
        assert ordered.status == 202, ordered
        return ordered.id

    def orders_for_later(self, candidate: Candidate | None = None, **options: Any) -> tuple[Candidate, str]:
        """As `orders`; nobody is invited until `lets_go`, so that what is to happen before has its time on a slow machine too."""
        candidate, order = self.orders(candidate, **options)
        [invitation] = self.world.ops.invitations(self.company.name)
        later = int(time.time() * 1000) + HOUR
        held = self.world.ops.sets(invitation, invite_at=later, due_at=later)
        assert held and invitation["state"] == "scheduled", "the invitation was under way before it could be held"
        return candidate, order

    def lets_go(self) -> None:
        """The time of the only invitation has come, and its message wakes it."""
        eventually(lambda: self.world.ops.sets(self.world.ops.invitations(self.company.name)[0], invite_at=0))
        self.wakes()

    def wakes(self, times: int = 1) -> None:
        """Sends the message of the only invitation, or copies of it."""
        self.world.ops.sends("InvitationQueue", *[self.message()] * times)

    def message(self) -> str:
        """The message that wakes the only invitation."""
        [invitation] = self.world.ops.invitations(self.company.name)
        _, assessment, candidate = invitation["sk"].split("#")
        return json.dumps({"company": self.company.name, "assessment": int(assessment), "candidate": candidate})

    def invited(self, candidate: Candidate, **polling: Any) -> int:
        """Waits for the candidate's mail and until we know of it; returns the candidature."""
        self.arrives(candidate, **polling)
        return self.known(candidate, **polling)

    def finishes(self, candidate: Candidate, order: str) -> dict[str, Any]:
        """The candidate takes the assessment, and the order is told and noted. There was one callback, so that nobody is at it any more."""
        candidature = self.invited(candidate)
        self._is_noted(order, "pending")
        self.account.starts(candidature, callback="none")
        self.account.completes(candidature)
        self._is_noted(order, "completed")
        return self.company.order(order)

    def _is_noted(self, order: str, status: str) -> None:
        """Waits until we have noted that the order was told a status, and nobody is telling it more."""
        eventually(lambda: self.world.ops.items(self.company.name, f"ORDER#{order}"),
                   until=lambda items: [item.get("published", {}).get("status") for item in items] == [status]
                   and "claimed_until" not in items[0])

    def arrives(self, candidate: Candidate, **polling: Any) -> dict[str, Any]:
        """Waits for the invitation's mail; it is the only one."""
        mails: list[dict[str, Any]] = eventually(lambda: self.account.mails(candidate.email), **polling)
        assert len(mails) == 1
        return mails[0]

    def known(self, candidate: Candidate, **polling: Any) -> int:
        """Waits until we know the candidature; returns it."""
        candidature = self.account.candidature(self.assessment, candidate.email)
        eventually(lambda: [item for item in self.world.ops.invitations(self.company.name)
                            if item.get("candidature") == candidature], **polling)
        return candidature

    def all_completed(self, placed: list[tuple[Candidate, str]], score: int) -> None:
        """Every order shows its result and never went back, and its candidate was mailed once."""
        for candidate, order in placed:
            seen = self.company.shows(order, "COMPLETED", meanwhile=self.hasten)
            assert (seen["result"]["score"]["raw"], seen["regressions"]) == (score, 0)
            assert len(self.account.mails(candidate.email)) == 1

    @contextmanager
    def stranded(self) -> Iterator[None]:
        """Nothing is due for days that would bring the only order to its end, and no other test sets all that is stuck going."""
        with alone(self.world.ops.stack, STUCK):
            self._strand()
            yield

    def _strand(self) -> None:
        """As in a table that somebody mended by hand."""
        soon = int(time.time() * 1000) + 200_000
        # By then all is told, and nobody is at it for minutes.
        [invitation] = eventually(lambda: self.world.ops.invitations(self.company.name),
                                  until=lambda items: all(item.get("due_at", 0) > soon for item in items))
        assert self.world.ops.sets(invitation, due_at=soon + 48 * HOUR)

    def hasten(self) -> None:
        """What is to be tried again later is tried now."""
        self.world.ops.hastens(self.company.name)


@dataclass(frozen=True)
class World:
    """The product, both stand-ins, and ops."""

    smartrecruiters: Control
    testgorilla: Control
    product: Product
    ops: Ops
    marks: Marks

    def company(self) -> Company:
        """A new company."""
        return Company(f"acme-{uuid.uuid4().hex[:10]}", self.smartrecruiters, self.product, self.marks)

    def account(self) -> Account:
        """A new account on the Pro plan."""
        return Account(f"gorilla-{uuid.uuid4().hex[:10]}", self.testgorilla, self.marks)

    def connected(self) -> tuple[Company, Account]:
        """A new company, connected to a new account."""
        company, account = self.company(), self.account()
        company.connects(account.enables_the_integration())
        return company, account

    def scene(self, **assessment: Any) -> Scene:
        """A new company, connected to a new account, with one assessment on offer."""
        company, account = self.connected()
        created = account.creates(**assessment)
        company.sees(created)
        return Scene(self, company, account, created)
