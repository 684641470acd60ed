"""What is known of a running local stack: `.local/<name>/stack.json`, written as the parts come up."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import processes
from .progress import Failed
from .settings import LOCAL, build_folder


@dataclass
class Stack:
    """A local stack. Secrets in it are made up for it and open nothing else."""

    name: str
    # The process that brought the stack up, and its start time: when it is gone and `keep` is not set, the
    # stack is abandoned.
    owner: int
    owner_started: int
    keep: bool
    # Port by the name of what listens there.
    ports: dict[str, int] = field(default_factory=dict)
    # The emulated AWS.
    endpoint: str = ""
    # What the functions take for it: a proxy that records their calls, and misbehaves when it is asked to.
    proxy_url: str = ""
    # Base URL of the routes, as the template's output ApiUrl is in AWS.
    api_url: str = ""
    # The template's outputs, with ApiUrl corrected.
    outputs: dict[str, str] = field(default_factory=dict)
    smartrecruiters_url: str = ""
    testgorilla_url: str = ""
    # The partner pair that SmartRecruiters' stand-in knows us by.
    master_client_id: str = ""
    master_client_secret: str = ""
    disconnect_key: str = ""
    # With the prefix whsec_.
    callback_secret: str = ""
    servers: list[processes.Server] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Logs, state and temporary files of this stack."""
        return LOCAL / self.name

    @property
    def template(self) -> Path:
        """The built template."""
        return build_folder(self.name) / "template.yaml"

    @property
    def functions_environment(self) -> Path:
        """The functions' variables in the form of `sam local invoke --env-vars`."""
        return self.folder / "functions.env.json"

    def save(self) -> None:
        """Writes the description, readable by its owner alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "stack.json"
        temporary = path.with_suffix(".tmp")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(asdict(self), indent=2) + "\n")
        temporary.replace(path)

    def started(self, server: processes.Server) -> None:
        """Adds a server, at once, so that a crash a moment later finds it."""
        self.servers.append(server)
        self.save()

    def port(self, name: str) -> int:
        """The port of the part called `name`, chosen at the first question."""
        if name not in self.ports:
            self.ports[name] = processes.free_port(set(self.ports.values()))
        return self.ports[name]

    def abandoned(self) -> bool:
        """Whether the run that brought the stack up ended without ending the stack."""
        return not self.keep and not processes.alive(self.owner, self.owner_started)

    def end(self) -> None:
        """Stops every server, last started first, and forgets the stack; its logs stay, and what `sam` uses by itself."""
        for server in reversed(self.servers):
            processes.stop(server)
        for folder in ("tmp", "bin", "build"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        (self.folder / "stack.json").unlink(missing_ok=True)


def new(name: str, keep: bool) -> Stack:
    """A stack with nothing in it yet."""
    return Stack(name, os.getpid(), processes.start_time(os.getpid()), keep)


def load(path: Path) -> Stack:
    """Reads a description."""
    values = json.loads(path.read_text())
    try:
        values["servers"] = [processes.Server(**server) for server in values["servers"]]
        return Stack(**values)
    except (KeyError, TypeError) as error:
        raise Failed(f"{path} was written by another version of this command: end that stack with `make down` of that version, or its "
                     "processes by hand, and delete the file.") from error


def find(name: str) -> Stack | None:
    """The stack called `name`, when it is up."""
    path = LOCAL / name / "stack.json"
    return load(path) if path.exists() else None


def all_stacks() -> list[Stack]:
    """Every stack of this work tree."""
    return [load(path) for path in sorted(LOCAL.glob("*/stack.json"))]
