"""What ops can do and see: invoke a function, read the table, the secrets and the queues."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from stack.description import Stack
from stack.swap import ALIAS

from .turns import alone

# Longer than any pause between two tries or looks, in milliseconds; what is due later is a finished order's personal data.
LONGEST_PAUSE = 13 * 3_600_000
# Longer than a slow machine takes to read a whole queue.
HIDDEN_SECONDS = 120

_READ = TypeDeserializer().deserialize
_WRITE = TypeSerializer().serialize


@dataclass(frozen=True)
class Ops:
    """Somebody with access to the deployed stack."""

    stack: Stack
    aws: Callable[[str], Any]
    functions: dict[str, str]

    # --- functions -------------------------------------------------------------------------------

    def invokes(self, function: str, event: Any) -> tuple[Any, bool]:
        """Invokes a function; returns its answer, and whether it failed."""
        answer = self.aws("lambda").invoke(FunctionName=self.functions[function], Qualifier=ALIAS,
                                           Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    def reconciles(self) -> dict[str, Any]:
        """Runs the reconciliation now instead of at the next minute."""
        return self._asks({})

    def asks_why(self, company: str, assessment: str) -> dict[str, Any]:
        """"Why is my assessment not showing up?"."""
        return self._asks({"why": {"company": company, "assessment": int(assessment)}})

    def erases(self, company: str, **candidate: str) -> dict[str, Any]:
        """Erases a candidate who asked for it, known by id or email."""
        return self._asks({"erase": {"company": company, "candidate": candidate}})

    def rotates(self, key: str, company: str, **new: str) -> dict[str, Any]:
        """Replaces a company's `signing_key`, or its `api_key` by a new one."""
        return self._asks({f"rotate_{key}": {"company": company, **new}})

    def _asks(self, event: dict[str, Any]) -> dict[str, Any]:
        """The reconciler's answer."""
        answer, failed = self.invokes("ReconcileFunction", event)
        assert not failed, answer
        return dict(answer)

    def variable(self, name: str) -> str:
        """An environment variable of the deployed functions."""
        configuration = self.aws("lambda").get_function_configuration(FunctionName=self.functions["OrdersFunction"])
        return str(configuration["Environment"]["Variables"][name])

    # --- the table -------------------------------------------------------------------------------

    def items(self, company: str, kind: str = "") -> list[dict[str, Any]]:
        """A company's items whose sort key begins with `kind`."""
        pages = self.aws("dynamodb").get_paginator("query").paginate(
            TableName=self.stack.outputs["TableName"], ConsistentRead=True,
            KeyConditionExpression="pk = :pk" + (" AND begins_with(sk, :kind)" if kind else ""),
            ExpressionAttributeValues={":pk": {"S": f"COMPANY#{company}"}, **({":kind": {"S": kind}} if kind else {})})
        found = [item for page in pages for item in page["Items"]]
        return [{name: _READ(value) for name, value in item.items()} for item in found]

    def integration(self, company: str) -> dict[str, Any]:
        """A company's integration."""
        [only] = self.items(company, "INTEGRATION")
        return only

    def invitations(self, company: str) -> list[dict[str, Any]]:
        """A company's invitations."""
        return self.items(company, "INVITATION#")

    def sets(self, item: dict[str, Any], **changes: Any) -> bool:
        """Sets attributes of an item that nobody has saved since it was read; says whether that was so."""
        names = {f"#{name}": name for name in ("version", *changes)}
        values = {f":{name}": _WRITE(value) for name, value in {"version": item["version"], **changes}.items()}
        try:
            self.aws("dynamodb").update_item(
                TableName=self.stack.outputs["TableName"], Key={"pk": _WRITE(item["pk"]), "sk": _WRITE(item["sk"])},
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                ConditionExpression="#version = :version", ExpressionAttributeNames=names,
                ExpressionAttributeValues=values)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def hastens(self, company: str) -> None:
        """Lets what is to be tried again later be due now, and runs the reconciliation."""
        self.makes_due(company)
        self.reconciles()

    def makes_due(self, company: str, which: Callable[[dict[str, Any]], bool] = lambda item: True) -> None:
        """Lets what is to be tried again later, and is meant, be due now."""
        now = int(time.time() * 1000)
        for item in self.items(company):
            if now < item.get("due_at", 0) < now + LONGEST_PAUSE and which(item):
                # What has been failing has failed for long, as it would have by then.
                since = {"failing_since": now - LONGEST_PAUSE} if "failing_since" in item else {}
                self.sets(item, due_at=now, **since)

    # --- secrets and queues ----------------------------------------------------------------------

    def company_secrets(self, company: str) -> dict[str, str]:
        """Name and value of the secrets that a company's integration names and that exist."""
        connections = [connection for item in self.items(company, "INTEGRATION") for connection in _connections(item)]
        found = {}
        for name in {connection["secret"] for connection in connections}:
            try:
                found[name] = str(self.aws("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("ResourceNotFoundException", "InvalidRequestException"):
                    raise
        return found

    def client_secret_exists(self, client: str) -> bool:
        """Whether there is a secret of the connection with this client id."""
        name = self.variable("COMPANY_SECRET_PREFIX") + client
        try:
            return "DeletedDate" not in self.aws("secretsmanager").describe_secret(SecretId=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return False

    def nothing_is_stored(self, company: str) -> None:
        """Asserts that no key of a company is left, and no connection in use or being made, whatever was tried.

        What an attempt that failed was called stays for a minute, so that it is destroyed again if somebody was slow.
        """
        for integration in self.items(company, "INTEGRATION"):
            assert not _connections({**integration, "replaced": []})
        assert not self.company_secrets(company)
        clients = self.aws("dynamodb").get_paginator("scan").paginate(
            TableName=self.stack.outputs["TableName"], FilterExpression="company = :company AND sk = :client",
            ExpressionAttributeValues={":company": {"S": company}, ":client": {"S": "CLIENT"}})
        assert not [item for page in clients for item in page["Items"]]

    def sends(self, queue: str, *bodies: str) -> None:
        """Puts messages into a queue, e.g. `InvitationQueue`, in one request."""
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        self.aws("sqs").send_message_batch(QueueUrl=self.stack.outputs[f"{queue}Url"], Entries=entries)

    def messages(self, queue: str, without: str | None = None) -> list[str]:
        """Bodies of all messages in a queue; they stay there, except for one that is taken out."""
        sqs, url = self.aws("sqs"), self.stack.outputs[f"{queue}Url"]
        seen: dict[str, dict[str, Any]] = {}

        def fresh() -> dict[str, dict[str, Any]]:
            some = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN_SECONDS).get("Messages", [])
            return {message["MessageId"]: message for message in some if message["MessageId"] not in seen}

        # Ten come at once; what has come is hidden until the others have, from whoever else looks too. One that comes again has been
        # hidden for so long that all have come.
        with self.reading(queue):
            try:
                while some := fresh():
                    seen |= some
            finally:
                for message in seen.values():
                    if message["Body"] == without:
                        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    else:
                        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        return [message["Body"] for message in seen.values()]

    def reading(self, queue: str) -> AbstractContextManager[None]:
        """No test reads all messages of a queue meanwhile, which hides them."""
        return alone(self.stack, f"{queue}-reading")


def _connections(integration: dict[str, Any]) -> list[dict[str, Any]]:
    """Every connection that an integration's item names."""
    attempt = integration.get("attempt", {}).get("connection")
    named = [integration.get("connection"), attempt, *integration.get("replaced", [])]
    return [connection for connection in named if connection]
