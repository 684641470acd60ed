"""Talks to the driver (`bench/driver`), which runs functions and takes the times."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from stack.progress import Failed

from .certificates import Certificates
from .subjects import Subject


# For one answer of the driver.
SECONDS = 120
ENDED = "the driver has ended"


class Driver:
    """The running driver. It ends with its standard input, and everything it has started ends with it."""

    def __init__(self, binary: Path, certificates: Certificates) -> None:
        self._process = subprocess.Popen([str(binary), str(certificates.chain), str(certificates.key)], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._waiting: dict[int, Future[dict[str, Any]]] = {0: Future()}
        self._ids = count(1)
        self._lock = threading.Lock()
        self._has_ended = False
        ready = self._waiting[0]
        threading.Thread(target=self._read, daemon=True).start()
        try:
            # Port of the listener that takes requests meant for the product.
            self.capture: int = ready.result(timeout=10)["capture"]
        except TimeoutError as error:
            self.end()
            raise Failed("the driver does not start") from error
        except BaseException:
            self.end()
            raise

    def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        """Gives a command and waits until it is done."""
        answer: Future[dict[str, Any]] = Future()
        with self._lock:
            if self._has_ended:
                raise Failed(ENDED)
            number = next(self._ids)
            self._waiting[number] = answer
            assert self._process.stdin is not None
            # Where it has ended meanwhile, whoever reads its output says so.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps({"id": number, "do": do, **fields}) + "\n")
                self._process.stdin.flush()
        try:
            told = answer.result(timeout=SECONDS)
        except TimeoutError as error:
            raise Failed(f"driver, {do} {fields.get('lane', '')}: no answer within {SECONDS} s") from error
        if "error" in told:
            raise Failed(f"driver, {do} {fields.get('lane', '')}: {told['error']}")
        return told

    def captured(self) -> list[dict[str, Any]]:
        """Requests that were taken since the last question."""
        return list(self.ask("captured")["captured"])

    def end(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            with self._lock:
                waiting = self._waiting.pop(told["id"])
            waiting.set_result(told)
        with self._lock:
            self._has_ended = True
            for waiting in self._waiting.values():
                waiting.set_exception(Failed(ENDED))


@dataclass(frozen=True)
class Call:
    """An event and what came of it. Times in microseconds."""

    us: int
    # Without what was spent waiting for the answers of AWS and partners.
    own_us: int
    cpu_us: int
    logged: int
    handshakes: int
    answer: Any
    calls: list[dict[str, Any]]

    def sent_messages(self) -> list[str]:
        """Bodies of the messages that were put into queues."""
        sent = (json.loads(call["request"]) for call in self.calls if call["what"] == "AmazonSQS.SendMessage")
        return [str(message["MessageBody"]) for message in sent]


class Lane:
    """One function at a time, with ports and a processor share of its own."""

    def __init__(self, driver: Driver, name: str, upstreams: dict[str, str], logs: Path) -> None:
        self.name = name
        self._driver = driver
        opened = driver.ask("lane", lane=name, upstreams=upstreams)
        self.urls = {to: f"https://localhost:{port}" for to, port in opened["relays"].items()}
        self._log = logs / f"{name}.log"

    def start(self, subject: Subject, env: dict[str, str]) -> dict[str, Any]:
        """Starts a function and returns what its initialisation took."""
        return self._driver.ask("start", lane=self.name, command=list(subject.command), env=env, log=str(self._log))

    def share(self, quota: int | None) -> None:
        """Limits the processor from now on."""
        self._driver.ask("share", lane=self.name, quota=quota)

    def call(self, event: Any, *, bodies: bool = False) -> Call:
        """Sends an event; a function that fails is a failure."""
        told = self._driver.ask("call", lane=self.name, event=json.dumps(event), bodies=bodies)
        if told["failed"]:
            raise Failed(f"{self.name}: {told['answer']}, see {self._log}")
        answer = json.loads(told["answer"]) if told["answer"] else None
        return Call(told["us"], told["own_us"], told["cpu_us"], told["logged"], told["handshakes"], answer, told["calls"])

    def stop(self) -> int | None:
        """Ends the function and returns the most memory it held, in KiB."""
        return self._driver.ask("stop", lane=self.name).get("peak_kib")
