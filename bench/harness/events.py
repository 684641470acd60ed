"""Events as AWS hands them over, from the payloads in `events/`."""

from __future__ import annotations

import copy
import json
import time
import uuid
from typing import Any

from stack.occasion import PLACEHOLDER, VALUES

from .places import ROOT
from .scene import Scene

# A token is valid for half an hour.
TOKEN_SECONDS = 300


class Events:
    """Makes events for a scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._token: tuple[float, str] = (0.0, "")
        self._files: dict[str, dict[str, Any]] = {}

    def plain(self, name: str) -> dict[str, Any]:
        """The payload of this name, e.g. `assessments/list`, with a token that is valid now."""
        event = self._file(name)
        if "authorization" in event.get("headers", {}):
            event["headers"]["authorization"] = f"Bearer {self._valid_token()}"
        return event

    def order(self, results_at: str) -> dict[str, Any]:
        """An order that nobody has seen, for somebody unknown so far."""
        event = self.plain("orders/good")
        order, who = uuid.uuid4(), uuid.uuid4()
        body = json.loads(event["body"])
        body["candidate"] |= {"id": str(who), "email": f"juno.{who.hex[:12]}@example.com"}
        body["resultCallbackURL"] = f"{results_at}/assessment-api/v202010/orders/{order}/results"
        return event | {"body": _compact(body)}

    def received_order(self, request: dict[str, Any], results_at: str) -> dict[str, Any]:
        """An order as SmartRecruiters' stand-in sent it, but for the address where its results go."""
        event = self.plain("orders/good")
        body = request["body"].replace(self._scene.stack.smartrecruiters_url, results_at)
        return event | {"body": body}

    def received_callback(self, request: dict[str, Any]) -> dict[str, Any]:
        """A callback as TestGorilla's stand-in sent it."""
        event = self._file("callbacks/started")
        for name in ("webhook-id", "webhook-signature", "webhook-timestamp"):
            event["headers"][name] = request["headers"][name]
        return event | {"body": request["body"]}

    def message(self, queue: str, body: str) -> dict[str, Any]:
        """A batch of one message."""
        event = self._file(f"{queue}/{'good' if queue == 'invitations' else 'follow'}")
        event["Records"][0] |= {"messageId": str(uuid.uuid4()), "body": body}
        return event

    def _file(self, name: str) -> dict[str, Any]:
        if name not in self._files:
            text = (ROOT / "events" / f"{name}.json").read_text()
            if name.startswith("callbacks/"):
                text = PLACEHOLDER.sub("0", text)
            for placeholder in sorted(set(PLACEHOLDER.findall(text))):
                text = text.replace(f"${{{placeholder}}}", VALUES[placeholder](self._scene.occasion))
            self._files[name] = json.loads(text)
        return copy.deepcopy(self._files[name])

    def _valid_token(self) -> str:
        made, token = self._token
        if time.monotonic() - made > TOKEN_SECONDS:
            path = f"companies/{self._scene.company}/token?fresh=true"
            token = str(self._scene.control("smartrecruiters", "GET", path)["access_token"])
            self._token = (time.monotonic(), token)
        return token


def _compact(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"))
