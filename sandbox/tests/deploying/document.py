"""The commands of docs/operations.md, as they stand there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack.settings import ROOT

DOCUMENT = ROOT / "docs" / "operations.md"
SETTING = re.compile(r"^export (\w+)=(.*)$", re.MULTILINE)
SECONDS = 900


def blocks(section: str) -> list[str]:
    """The blocks of commands under a heading of the second level, in their order."""
    text = DOCUMENT.read_text()
    parts = dict(_sections(text))
    return re.findall(r"^```sh\n(.*?)^```$", parts[section], re.MULTILINE | re.DOTALL)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Every section of the second level by its heading."""
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, content = part.partition("\n")
        yield heading, content


@dataclass
class Shell:
    """Somebody's shell, in which one block is run after the other: what a block exports or defines is there for the next."""

    environment: Mapping[str, str]
    folder: Path
    state: Path = field(init=False)

    def __post_init__(self) -> None:
        """Starts with nothing but the environment."""
        self.state = self.folder / "shell.state"
        self.state.write_text("")

    def sets(self, block: str, values: Mapping[str, str]) -> None:
        """Runs the block that says what is the reader's own, with other values for each of its names."""
        names = {name for name, _ in SETTING.findall(block)}
        assert names == set(values), "the document's first block sets other names"
        self.runs(SETTING.sub(lambda found: f"export {found.group(1)}='{values[found.group(1)]}'", block))

    def runs(self, block: str, typed: str = "") -> str:
        """Runs a block, in which somebody types something; returns what it printed."""
        script = "\n".join(['set -euo pipefail', f'source "{self.state}"', block,
                            f'{{ declare -f; export -p; echo "umask $(umask)"; }} > "{self.state}"'])
        done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=dict(self.environment), input=typed, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS, check=False)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout
