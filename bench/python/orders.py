"""`POST /packages/orders`, the usual way with boto3. Same table, same items, same answers as the product's `orders`."""

from __future__ import annotations

import hmac
import json
import logging
import os
import uuid
from typing import Any
from urllib.parse import urlsplit

from boto3.dynamodb.types import TypeSerializer

from caller import TABLE, answer, authorise, dynamodb, now, refused, sqs

QUEUE = os.environ["INVITATION_QUEUE_URL"]
DELAY = int(os.environ["INVITATION_DELAY_SECONDS"])
HOSTS = os.environ["SMARTRECRUITERS_HOSTS"].split(",")
_serialize = TypeSerializer().serialize
logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Takes an order."""
    caller = authorise(event)
    if caller is None:
        return refused(401, "token_invalid")
    try:
        order = json.loads(event["body"])
    except ValueError:
        return refused(400, "request_malformed")
    if order["companyId"] != caller.company:
        return refused(403, "company_foreign")
    if caller.is_key_refused:
        return refused(403, "testgorilla_key_refused")
    order_id = _order_id(order["resultCallbackURL"])
    if order_id is None:
        return refused(400, "result_url_forbidden")
    assessment = int(order["assessmentPackageId"])
    pk = f"COMPANY#{caller.company}"
    stored = dynamodb.get_item(TableName=TABLE, Key=_item(pk=pk, sk=f"ASSESSMENT#{assessment}")).get("Item")
    if stored is None or int(stored["created_at"]["N"]) < caller.enabled_at:
        return refused(404, "package_unknown")
    candidate = _candidate_key(caller.salt, order["candidate"]["id"])
    _store(pk, order, order_id, assessment, candidate)
    body = json.dumps({"company": caller.company, "assessment": assessment, "candidate": candidate})
    sqs.send_message(QueueUrl=QUEUE, MessageBody=body, DelaySeconds=DELAY, MessageGroupId=caller.company)
    logger.info("order accepted: %s %s", caller.company, order_id)
    return answer(202, {})


def _store(pk: str, order: dict[str, Any], order_id: str, assessment: int, candidate: str) -> None:
    """Stores the order and its invitation in one transaction."""
    at = now()
    invite_at = at + DELAY * 1000
    stored_order = _item(pk=pk, sk=f"ORDER#{order_id}", schema=1, version=1, result_url=order["resultCallbackURL"],
                         assessment=assessment, candidate=candidate, kind="package", accepted_at=at, report="missing",
                         report_failures=0)
    names = {"id": "id", "email": "email", "first_name": "firstName", "last_name": "lastName"}
    person = {name: order["candidate"][sent] for name, sent in names.items() if order["candidate"].get(sent)}
    sk = f"INVITATION#{assessment}#{candidate}"
    invitation = _item(pk=pk, sk=sk, schema=1, version=1, state="scheduled", candidate=person, orders=[order_id], mail=True,
                       invite_at=invite_at, created_at=at, changed_at=at, due_at=invite_at + 60_000,
                       due_shard=_shard(pk + sk), failures=0)
    dynamodb.transact_write_items(TransactItems=[
        {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
        for item in (stored_order, invitation)
    ])


def _item(**attributes: Any) -> dict[str, Any]:
    """Attributes with DynamoDB's types."""
    return {name: _serialize(value) for name, value in attributes.items()}


def _order_id(url: str) -> str | None:
    """The order's id in a URL of SmartRecruiters."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname not in HOSTS:
        return None
    for segment in reversed(parts.path.split("/")):
        try:
            return str(uuid.UUID(segment))
        except ValueError:
            continue
    return None


def _candidate_key(salt: bytes, identity: str) -> str:
    """The hash that stands for a candidate."""
    parts = b"".join(len(part).to_bytes(8, "big") + part for part in (b"id", identity.encode()))
    return hmac.digest(salt, parts, "sha256").hex()[:32]


def _shard(text: str) -> str:
    """The shard of the index `due` (FNV-1a)."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return str(value % 8)
