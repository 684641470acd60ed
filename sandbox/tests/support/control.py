"""The control APIs of the stand-ins, and calls to the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

# No call of the tests takes longer, unless the product hangs.
SECONDS = 60


class Refused(Exception):
    """A stand-in did not do what was asked of it: the partner would not let anyone do it."""

    def __init__(self, status: int, text: str) -> None:
        """Keeps the status and the stand-in's words."""
        super().__init__(f"{status} {text}")
        self.status = status


@dataclass(frozen=True)
class Control:
    """The control API of one stand-in."""

    url: str

    def get(self, path: str, **query: Any) -> Any:
        """What the stand-in shows."""
        return self._send("GET", path, params=query)

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        """Somebody does something."""
        return self._send("POST", path, json={} if body is None else body, params=query)

    def put(self, path: str, body: Any) -> Any:
        """Sets something."""
        return self._send("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """Changes something."""
        return self._send("PATCH", path, json=body)

    def delete(self, path: str, body: Any) -> Any:
        """Ends something."""
        return self._send("DELETE", path, json=body)

    def calls(self, operation: str, account: str) -> list[dict[str, Any]]:
        """The calls of an operation with the credential of an account or company, oldest first."""
        return list(self.get("calls", operation=operation, account=account))

    def misbehave(self, operation: str, account: str, kind: str, count: int = 1, **how: Any) -> None:
        """Lets the next answers to an account or company go wrong."""
        self.post("faults", {"operation": operation, "account": account, "kind": kind, "count": count, **how})

    def _send(self, method: str, path: str, **options: Any) -> Any:
        answer = requests.request(method, f"{self.url}/_control/{path}", timeout=SECONDS, **options)
        if not answer.ok:
            raise Refused(answer.status_code, answer.text)
        return answer.json() if answer.content else None


@dataclass(frozen=True)
class Product:
    """The product's API as anybody may call it."""

    url: str

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> requests.Response:
        """Sends a request, with a bearer token when there is one. No redirect is followed."""
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return requests.request(method, f"{self.url}{path}", headers=headers, timeout=SECONDS, allow_redirects=False,
                                **options)


def code(answer: requests.Response) -> str:
    """The stable code of an error in SmartRecruiters' shape."""
    return str(answer.json()["errors"][0]["code"])
