"""A company in SmartRecruiters: its admin connects it, its recruiters order and read results."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin

import requests

from .control import SECONDS, Control, Product
from .marks import Marks
from .page import Page
from .polling import eventually

RECRUITER = {"userId": "rita", "email": "rita@recruiter.example"}


@dataclass(frozen=True)
class Candidate:
    """A person whom nobody else is like, so that traces of them can be looked for."""

    email: str
    first_name: str
    last_name: str


@dataclass(frozen=True)
class Ordered:
    """What became of the delivery of an order."""

    id: str
    status: int | None
    body: Any


@dataclass
class Company:
    """A customer of SmartRecruiters."""

    name: str
    control: Control
    product: Product
    marks: Marks
    # The browser's address after "Allow and continue".
    consent_url: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Creates the company."""
        self.marks.add("company", self.name)
        self.control.put(f"companies/{self.name}", {})

    # --- the admin -------------------------------------------------------------------------------

    def allows(self, *, with_way_back: bool = False) -> Page:
        """The admin presses Connect, then Allow and continue: our page opens in a pop-up, or with a way back."""
        self.consent_url = self.control.post(f"companies/{self.name}/consent")["consent_url"]
        if with_way_back:
            self.consent_url += f"&redirect={quote(self.way_back, safe='')}"
        page = self.opens(self.consent_url)
        self.marks.add("secret", page.inputs["formToken"])
        return page

    def opens(self, url: str) -> Page:
        """The admin's browser opens an address."""
        answer = requests.get(url, timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        return Page(answer.text)

    def grants(self, page: Page, api_key: str) -> requests.Response:
        """The admin pastes the key and presses Grant consent."""
        form = {**page.inputs, "apiKey": api_key}
        action = urljoin(self.consent_url, page.form["action"])
        return requests.post(action, data=form, timeout=SECONDS, allow_redirects=False)

    def connects(self, api_key: str) -> None:
        """The admin connects the company."""
        answer = self.grants(self.allows(), api_key)
        assert answer.status_code == 303, Page(answer.text).text
        assert self.is_connected

    def disconnects(self) -> int | None:
        """The admin presses Disconnect. Returns our answer's status."""
        status = self.control.post(f"companies/{self.name}/disconnect", {})["status"]
        return int(status) if status is not None else None

    @property
    def is_connected(self) -> bool:
        """Whether SmartRecruiters shows the company as connected."""
        return bool(self.control.get(f"companies/{self.name}")["connected"])

    @property
    def way_back(self) -> str:
        """Where SmartRecruiters wants the browser afterwards, when it says so."""
        return f"{self.control.url}/apps/{self.name}"

    # --- its recruiters --------------------------------------------------------------------------

    def candidate(self) -> Candidate:
        """Somebody who applies."""
        mark = uuid.uuid4().hex[:12]
        person = Candidate(f"juno.{mark}@applicant.example", f"Juno{mark}", f"Example{mark[::-1]}")
        for datum in (person.email, person.first_name, person.last_name):
            self.marks.add("person", datum)
        return person

    def lists(self) -> Any:
        """What the Browse dialogue gets: status and body."""
        return self.control.get(f"companies/{self.name}/packages")

    def packages(self) -> dict[str, dict[str, Any]]:
        """The packages that are offered, by id."""
        answer = self.lists()
        assert answer["status"] in (200, 204), answer
        return {package["id"]: package for package in answer["body"] or []}

    def package(self, package: str) -> Any:
        """Gets one package: status and body."""
        return self.control.get(f"companies/{self.name}/packages/{package}")

    def sees(self, *packages: str) -> dict[str, dict[str, Any]]:
        """Waits until the packages are offered; each listing asks for a fresh one."""
        return eventually(self.packages, lambda offered: set(packages) <= set(offered), pause=1.0)

    def orders(self, package: str, candidate: Candidate, **options: Any) -> Ordered:
        """A recruiter orders a package for a candidate, which SmartRecruiters lets them do once."""
        body = {"company": self.name, "package": package, "requester": RECRUITER,
                "candidate": {"email": candidate.email, "first_name": candidate.first_name,
                              "last_name": candidate.last_name}, **options}
        answer = self.control.post("orders", body)
        return Ordered(str(answer["order"]), answer["status"], answer["body"])

    def redelivers(self, order: str) -> int | None:
        """SmartRecruiters delivers the same order again. Returns our answer's status."""
        status = self.control.post(f"orders/{order}/deliveries")["status"]
        return int(status) if status is not None else None

    def order(self, order: str) -> dict[str, Any]:
        """The order as SmartRecruiters has it."""
        return dict(self.control.get(f"orders/{order}"))

    def shows(self, order: str, status: str, **polling: Any) -> dict[str, Any]:
        """Waits until the Assessments tab shows a status; returns the order."""
        return eventually(lambda: self.order(order), lambda seen: seen["status"] == status, **polling)

    def learns(self, order: str, **polling: Any) -> dict[str, Any]:
        """Waits until something was published to the order; returns it."""
        return eventually(lambda: self.order(order), lambda seen: seen["patches"] > 0, **polling)

    def token(self, fresh: bool = False) -> str:
        """The bearer token with which SmartRecruiters calls us for the company."""
        token = str(self.control.get(f"companies/{self.name}/token", fresh=str(fresh).lower())["access_token"])
        self.marks.add("secret", token)
        return token

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """What was called for the company, in either direction."""
        return self.control.calls(operation, self.name)

    def misbehaves(self, operation: str, kind: str, count: int = 1, **how: Any) -> None:
        """Lets SmartRecruiters' next answers for the company go wrong."""
        self.control.misbehave(operation, self.name, kind, count, **how)
