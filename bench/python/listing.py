"""`GET /packages`, the usual way with boto3. Same table, same answers as the product's `assessments`."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

from caller import TABLE, answer, authorise, dynamodb, now, plain, refused, sqs

QUEUE = os.environ["RESULT_QUEUE_URL"]
MAX_AGE = int(os.environ["CATALOGUE_MAX_AGE_SECONDS"]) * 1000
logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lists a company's packages."""
    caller = authorise(event)
    if caller is None:
        return refused(401, "token_invalid")
    if caller.is_key_refused:
        return refused(403, "testgorilla_key_refused")
    pages = dynamodb.get_paginator("query").paginate(
        TableName=TABLE, KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={":pk": {"S": f"COMPANY#{caller.company}"}, ":first": {"S": "ASSESSMENT#"},
                                   ":last": {"S": "CATALOGUE"}})
    items = [plain(item) for page in pages for item in page["Items"]]
    checked_at = next((item.get("checked_at", 0) for item in items if item["sk"] == "CATALOGUE"), 0)
    if now() - checked_at > MAX_AGE:
        body = json.dumps({"work": "refresh", "company": caller.company})
        sqs.send_message(QueueUrl=QUEUE, MessageBody=body, MessageGroupId=caller.company)
    assessments = sorted((item for item in items if item["sk"] != "CATALOGUE"), key=_id)
    offered = [_package(assessment) for assessment in assessments if _is_offered(assessment, caller.enabled_at)]
    logger.info("packages listed: %s %s", caller.company, len(offered))
    return answer(200, offered)


def _id(assessment: dict[str, Any]) -> int:
    return int(assessment["sk"].removeprefix("ASSESSMENT#"))


def _is_offered(assessment: dict[str, Any], enabled_at: int) -> bool:
    ends_at = assessment.get("details", {}).get("ends_at")
    return (not assessment["is_gone"] and assessment["created_at"] >= enabled_at and assessment["state"] != "archived"
            and not assessment["is_empty"] and not (ends_at is not None and ends_at <= now()))


def _package(assessment: dict[str, Any]) -> dict[str, Any]:
    tests = assessment.get("details", {}).get("tests", [])
    return {"id": str(_id(assessment)), "name": assessment["name"], "description": _describe(tests), "type": "SKILL_TEST",
            "assessments": [_test(test) for test in tests]}


def _test(test: dict[str, Any]) -> dict[str, str]:
    time = _minutes(test.get("duration_seconds"))
    description = f"{test['name']} ({time})" if time else test["name"]
    return {"id": str(test["id"]), "name": test["name"], "description": description, "type": "SKILL_TEST"}


def _describe(tests: list[dict[str, Any]]) -> str:
    if not tests:
        return "TestGorilla assessment"
    count = "1 test" if len(tests) == 1 else f"{len(tests)} tests"
    durations = [test.get("duration_seconds") for test in tests]
    time = None if None in durations else _minutes(sum(durations))
    return f"TestGorilla assessment: {count}" + (f", {time}" if time else "")


def _minutes(seconds: Any) -> str | None:
    if not seconds:
        return None
    minutes = -(-int(seconds) // 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
