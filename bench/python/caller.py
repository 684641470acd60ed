"""Who calls, and what both handlers share: the usual way with boto3."""

from __future__ import annotations

import base64
import json
import os
import time
from dataclasses import dataclass
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TABLE = os.environ["TABLE_NAME"]
dynamodb = boto3.client("dynamodb")
sqs = boto3.client("sqs")
_deserializer = TypeDeserializer()


@dataclass(frozen=True)
class Caller:
    """A company that was let in."""

    company: str
    enabled_at: int
    salt: bytes
    is_key_refused: bool


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """An item without DynamoDB's types."""
    return {name: _deserializer.deserialize(value) for name, value in item.items()}


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def answer(status: int, body: Any) -> dict[str, Any]:
    """An answer with JSON."""
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, separators=(",", ":"), ensure_ascii=False)}


def refused(status: int, code: str) -> dict[str, Any]:
    """An answer with an error."""
    return answer(status, {"errors": [{"code": code, "message": code}], "message": code})


def authorise(event: dict[str, Any]) -> Caller | None:
    """Lets a bearer token in; None when it is not taken."""
    token = event["headers"].get("authorization", "").removeprefix("Bearer ")
    try:
        signed, _, signature = token.rpartition(".")
        claims = json.loads(_decode(signed.split(".")[1]))
    except (IndexError, ValueError):
        return None
    key = {"pk": {"S": f"COMPANY#{claims['sub']}"}, "sk": {"S": "INTEGRATION"}}
    item = dynamodb.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    integration = plain(item) if item else {"state": "new"}
    if integration["state"] != "active":
        return None
    connection = integration["connection"]
    verified = any(_verifies(key, signed, _decode(signature)) for key in connection["token_keys"])
    if not verified or claims["client_id"] != connection["client"] or claims["exp"] <= time.time():
        return None
    enabled_at = next(int(one["at"]) for one in integration["enabled"] if one["api_key"] == connection["api_key"])
    return Caller(claims["sub"], enabled_at, base64.b64decode(integration["salt"]), "key_refused_since" in integration)


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _verifies(key: str, signed: str, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, signed.encode())
    except InvalidSignature:
        return False
    return True
