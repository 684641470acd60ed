"""What the placeholders in events/ stand for: a company connected for the occasion, and what belongs to it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Callable
from functools import cached_property
from typing import Any

import requests

from .description import Stack
from .progress import Failed, wait_for

PLACEHOLDER = re.compile(r"\$\{([A-Z0-9_]+)\}")
SECONDS = 60


def fill(stack: Stack, text: str) -> str:
    """The event with its placeholders replaced; one without any is left as it is."""
    names = set(PLACEHOLDER.findall(text))
    occasion = Occasion(stack, connected="FORM_TOKEN" not in names)
    for name in sorted(names - {"SIGNATURE"}):
        if name not in VALUES:
            raise Failed(f"${{{name}}} stands for nothing: events/README.md lists the placeholders.")
        text = text.replace(f"${{{name}}}", VALUES[name](occasion))
    # It covers the rest, so it comes last.
    return text.replace("${SIGNATURE}", _signature(stack, text)) if "${SIGNATURE}" in text else text


class Occasion:
    """A company and a TestGorilla account of which nobody else knows. What is asked for is done at the first question."""

    def __init__(self, stack: Stack, *, connected: bool) -> None:
        """Makes up names; nothing happens yet. An admin who is about to post the form has not `connected` the company."""
        self.stack = stack
        self.connected = connected
        self.name = f"occasion-{uuid.uuid4().hex[:12]}"

    @cached_property
    def api_key(self) -> str:
        """The owner of a new account on the Pro plan enables the integration and copies the key."""
        self._testgorilla("PUT", f"accounts/{self.name}", {})
        owner = {"user": f"owner@{self.name}.example"}
        return str(self._testgorilla("POST", f"accounts/{self.name}/integration", owner)["api_key"])

    @cached_property
    def company(self) -> str:
        """The admin of a new company presses Connect, Allow and continue, and connects it with that account."""
        self._smartrecruiters("PUT", f"companies/{self.name}", {})
        page = self._smartrecruiters("POST", f"companies/{self.name}/consent", {})["consent_url"]
        if not self.connected:
            return self.name
        form = {"companyId": self.name, "formToken": self._form_token(page), "apiKey": self.api_key}
        answer = requests.post(f"{self.stack.api_url}/integration", data=form, timeout=SECONDS, allow_redirects=False)
        if answer.status_code >= 400:
            raise Failed(f"The company cannot be connected: {answer.status_code} {answer.text}")
        return self.name

    @cached_property
    def package(self) -> str:
        """An assessment of the account, once it is listed to the company."""
        company = self.company
        tests = [{"name": "Rust"}, {"name": "SQL"}]
        body = {"account": self.name, "name": "Backend engineer", "tests": tests}
        assessment = str(self._testgorilla("POST", "assessments", body)["id"])

        def listed() -> bool:
            packages = self._smartrecruiters("GET", f"companies/{company}/packages")["body"]
            return any(package["id"] == assessment for package in packages or [])

        wait_for("listing", listed, SECONDS)
        return assessment

    @cached_property
    def candidature(self) -> str:
        """Somebody is ordered the assessment, and invited."""
        email = f"juno@{self.name}.example"
        candidate = {"email": email, "first_name": "Juno", "last_name": "Example"}
        self._smartrecruiters("POST", "orders", {"company": self.company, "package": self.package, "candidate": candidate})

        def candidatures() -> list[dict[str, Any]]:
            query = f"candidatures?account={self.name}&assessment={self.package}&email={email}"
            return list(self._testgorilla("GET", query))

        wait_for("invitation", lambda: bool(candidatures()), 1000)
        return str(candidatures()[0]["id"])

    @property
    def form_token(self) -> str:
        """The token in the form of a page that was just made."""
        return self._form_token(f"{self.stack.api_url}/integration?companyId={self.company}")

    @property
    def token(self) -> str:
        """An access token of ours."""
        return str(self._smartrecruiters("GET", f"companies/{self.company}/token")["access_token"])

    @cached_property
    def client(self) -> dict[str, str]:
        """The pair that SmartRecruiters uses at our token endpoint."""
        return dict(self._smartrecruiters("GET", f"companies/{self.company}/pair"))

    @staticmethod
    def _form_token(url: str) -> str:
        page = requests.get(url, timeout=SECONDS).text
        found = re.search(r'name="formToken"\s+value="([^"]*)"', page)
        if found is None:
            raise Failed("The consent page has no form.")
        return found.group(1)

    def _testgorilla(self, method: str, path: str, body: Any = None) -> Any:
        return _control(self.stack.testgorilla_url, method, path, body)

    def _smartrecruiters(self, method: str, path: str, body: Any = None) -> Any:
        return _control(self.stack.smartrecruiters_url, method, path, body)


VALUES: dict[str, Callable[[Occasion], str]] = {
    "API_KEY": lambda occasion: occasion.api_key,
    "API_KEY_SHA256": lambda occasion: hashlib.sha256((occasion.company and occasion.api_key).encode()).hexdigest(),
    "CANDIDATURE": lambda occasion: occasion.candidature,
    "CLIENT_BASIC": lambda occasion: _basic(occasion.client),
    "CLIENT_ID": lambda occasion: occasion.client["client_id"],
    "CLIENT_SECRET": lambda occasion: occasion.client["client_secret"],
    "COMPANY": lambda occasion: occasion.company,
    "DISCONNECT_KEY": lambda occasion: occasion.stack.disconnect_key,
    "FORM_TOKEN": lambda occasion: occasion.form_token,
    "NOW": lambda _: str(int(time.time())),
    "PACKAGE": lambda occasion: occasion.package,
    "SMARTRECRUITERS_URL": lambda occasion: occasion.stack.smartrecruiters_url,
    "TOKEN": lambda occasion: occasion.token,
}


def _control(url: str, method: str, path: str, body: Any) -> Any:
    """Calls the control API of a stand-in."""
    answer = requests.request(method, f"{url}/_control/{path}", json=body, timeout=SECONDS)
    if not answer.ok:
        raise Failed(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.content else None


def _basic(client: dict[str, str]) -> str:
    """A pair as HTTP Basic carries it."""
    return base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()


def _signature(stack: Stack, text: str) -> str:
    """The signature over a callback's id, time and body (Standard Webhooks)."""
    event = json.loads(text)
    headers = event["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{event['body']}".encode()
    key = base64.b64decode(stack.callback_secret.removeprefix("whsec_"))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
