"""What AWS wraps a payload in, by the samples of `sam local generate-event`; what they do not have, an envelope has not either."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from samcli.lib.generated_sample_events.events import Events

from .progress import Failed

API = "a1b2c3d4e5"
HOST = f"{API}.execute-api.us-east-1.amazonaws.com"
# Of RFC 5737: nobody's.
ADDRESS = "192.0.2.10"
TIME = ("05/Jan/2026:09:00:00 +0000", 1767603600000)
# API Gateway sends these with every request of ours; the sample has more, for authorizers and certificates that we have not.
AROUND = {"host": HOST, "x-amzn-trace-id": "Root=1-695b7e10-0a1b2c3d4e5f60718293a4b5", "x-forwarded-for": ADDRESS,
          "x-forwarded-port": "443", "x-forwarded-proto": "https"}


def request(method: str, route: str, path: dict[str, str], query: dict[str, str], headers: dict[str, str],
            body: str | None) -> dict[str, Any]:
    """A request as an HTTP API hands it over (payload format 2.0). A placeholder is no character that would be escaped."""
    way = route.format(**path)
    made: dict[str, Any] = {
        "version": "2.0", "routeKey": f"{method} {route}", "rawPath": way, "rawQueryString": urlencode(query, safe="${}"),
        "headers": dict(sorted({**AROUND, **headers}.items())),
    }
    if query:
        made["queryStringParameters"] = query
    made["requestContext"] = {
        "accountId": "123456789012", "apiId": API, "domainName": HOST, "domainPrefix": API,
        "http": {"method": method, "path": way, "protocol": "HTTP/1.1", "sourceIp": ADDRESS, "userAgent": headers["user-agent"]},
        "requestId": "JKJaXmPLvHcESHA=", "routeKey": f"{method} {route}", "stage": "$default",
        "time": TIME[0], "timeEpoch": TIME[1],
    }
    if path:
        made["pathParameters"] = path
    if body is not None:
        made["body"] = body
    return _as_sampled({**made, "isBase64Encoded": False}, _sample("apigateway", "http-api-proxy"))


def batch(queue: str, bodies: list[str]) -> dict[str, Any]:
    """A batch of messages as Lambda hands it over."""
    records = [{
        "messageId": f"059f36b4-87a3-44ab-83d2-66197000000{number}",
        "receiptHandle": f"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(TIME[1]), "SenderId": "AROAEXAMPLEROLE:orders",
                       "ApproximateFirstReceiveTimestamp": str(TIME[1] + 600_000)},
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:assessments-{queue}",
        "awsRegion": "us-east-1",
    } for number, body in enumerate(bodies, 1)]
    sample = _sample("sqs", "receive-message")
    return {"Records": [_as_sampled(record, sample["Records"][0]) for record in records]}


def _sample(service: str, event: str) -> dict[str, Any]:
    """What `sam local generate-event SERVICE EVENT` prints."""
    return dict(json.loads(Events().generate_event(service, event, {})))


def _as_sampled(made: dict[str, Any], sample: dict[str, Any], inside: str = "") -> dict[str, Any]:
    """What was made, when it has nothing that the sample has not; names of headers and parameters are the caller's."""
    for name, value in made.items():
        if name not in sample:
            raise Failed(f"`sam local generate-event` knows no {inside}{name}: the envelope is no longer what AWS sends.")
        if isinstance(value, dict) and name not in ("headers", "queryStringParameters", "pathParameters"):
            _as_sampled(value, sample[name], f"{inside}{name}.")
    return made
