"""A TestGorilla account: its owner, its assessments, and the candidates who take them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .control import Control
from .marks import Marks

# The default tests of an assessment.
TESTS = ("Python", "Communication")


@dataclass
class Account:
    """A customer's account. A new one has the Pro plan and one owner."""

    name: str
    control: Control
    marks: Marks
    api_key: str = ""
    owner: str = field(init=False)

    def __post_init__(self) -> None:
        """Creates the account."""
        self.owner = f"owner@{self.name}.example"
        self.change()

    def change(self, **change: Any) -> None:
        """Changes plan, users, variety or undeliverable addresses."""
        self.control.put(f"accounts/{self.name}", change)

    def enables_the_integration(self) -> str:
        """The owner enables the integration and copies the API key."""
        enabled = self.control.post(f"accounts/{self.name}/integration", {"user": self.owner})
        self.api_key = str(enabled["api_key"])
        self.marks.add("secret", self.api_key)
        return self.api_key

    def disables_the_integration(self, callback: str = "signed") -> list[dict[str, Any]]:
        """The owner disables it: the key is revoked. Returns the answers to the callback."""
        body = {"user": self.owner, "callback": callback}
        return list(self.control.delete(f"accounts/{self.name}/integration", body)["callbacks"])

    def creates(self, name: str = "Back-end engineer", tests: tuple[str, ...] = TESTS, algorithm: str = "basic",
                created: datetime | None = None, expires: datetime | None = None, archived: bool = False) -> str:
        """Creates an assessment, now or as if at another time, and returns its id."""
        body: dict[str, Any] = {"account": self.name, "name": name, "archived": archived,
                                "tests": [{"name": test, "algorithm": algorithm} for test in tests]}
        if created is not None:
            body["created"] = created.isoformat()
        if expires is not None:
            body["date_of_expiry"] = expires.isoformat()
        return str(self.control.post("assessments", body)["id"])

    def archives(self, assessment: str) -> None:
        """Puts an assessment away."""
        self.control.patch(f"assessments/{assessment}", {"archived": True})

    def invites_by_hand(self, assessment: str, email: str) -> dict[str, Any]:
        """Somebody invites a candidate in TestGorilla itself."""
        body = {"email": email, "first_name": "", "last_name": "", "no_email": False}
        return dict(self.control.post(f"assessments/{assessment}/invite", body))

    def mails(self, email: str) -> list[dict[str, Any]]:
        """Invitations mailed to an address."""
        return list(self.control.get("mailbox", account=self.name, email=email))

    def candidatures(self, assessment: str, email: str) -> list[dict[str, Any]]:
        """What the account knows of a candidate at an assessment."""
        return list(self.control.get("candidatures", account=self.name, assessment=assessment, email=email))

    def candidature(self, assessment: str, email: str) -> int:
        """The id of the one candidature that a candidate has at an assessment."""
        [only] = self.candidatures(assessment, email)
        return int(only["id"])

    def starts(self, candidature: int, callback: str = "signed") -> list[dict[str, Any]]:
        """The candidate starts. Returns the answers to the callback."""
        return list(self.control.post(f"candidatures/{candidature}/start", {"callback": callback})["callbacks"])

    def completes(self, candidature: int, callback: str = "signed", **answers: Any) -> list[dict[str, Any]]:
        """The candidate answers and finishes. Returns the answers to the callback."""
        body = {"callback": callback, **answers}
        return list(self.control.post(f"candidatures/{candidature}/complete", body)["callbacks"])

    def takes(self, candidature: int, callback: str = "signed", **answers: Any) -> None:
        """The candidate starts and finishes."""
        self.starts(candidature, callback)
        self.completes(candidature, callback, **answers)

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """What was called with the account's key."""
        return self.control.calls(operation, self.name)

    def misbehaves(self, operation: str, kind: str, count: int = 1, **how: Any) -> None:
        """Lets the next answers to the account's key go wrong."""
        self.control.misbehave(operation, self.name, kind, count, **how)
