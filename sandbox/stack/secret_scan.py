"""Searches the repository for what must not be in it; `make audit` runs this in its own environment."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file, scan_line
from detect_secrets.settings import transient_settings

from .settings import ROOT

EXCEPTIONS = Path(__file__).resolve().parent / "rules" / "exceptions.toml"

# Neither those that pass over whole files or marked lines (exceptions.toml alone does that, with reasons), nor the one that
# would ask a provider whether a key works.
FILTERS = ("is_indirect_reference", "is_likely_id_string", "is_not_alphanumeric_string", "is_potential_uuid",
           "is_prefixed_with_dollar_sign", "is_sequential_string", "is_templated_secret")

# What looks for a name or for disorder, and so is wrong now and then; the others know how a key of their provider looks.
VAGUE = ("Base64 High Entropy String", "Hex High Entropy String", "Secret Keyword", "Basic Auth Credentials")

# detect-secrets looks for these in small files alone.
PRIVATE_KEY = re.compile(r"BEGIN [A-Z0-9 ]*PRIVATE KEY")


@dataclass(frozen=True)
class Found:
    """What looks like a secret."""

    file: str
    number: int
    line: str
    kind: str
    value: str


@dataclass(frozen=True)
class Accepted:
    """What looks like one and is none."""

    files: str
    value: str
    reason: str
    kinds: tuple[str, ...] = ()
    line: str = ""

    def covers(self, found: Found) -> bool:
        """Whether it speaks of `found`."""
        return (fnmatchcase(found.file, self.files) and (not self.kinds or found.kind in self.kinds)
                and re.fullmatch(self.value, found.value) is not None and re.search(self.line, found.line) is not None)


def accepted() -> list[Accepted]:
    """The exceptions, each with its reason."""
    entries = tomllib.loads(EXCEPTIONS.read_text())["secret"]
    return [Accepted(**{**entry, "kinds": tuple(entry.get("kinds", ()))}) for entry in entries]


def files() -> list[str]:
    """Every file that is in the repository, or would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in listed if name and (ROOT / name).is_file()]


def search(folder: Path, names: Iterable[str]) -> Iterator[Found]:
    """What looks like a secret in the named files below `folder`."""
    with _detectors():
        for name in names:
            lines = (folder / name).read_bytes().decode(errors="replace").splitlines()
            for number, line in enumerate(lines, start=1):
                if PRIVATE_KEY.search(line):
                    yield Found(name, number, line, "Private Key", line)
            for secret in scan_file(str(folder / name)):
                line = lines[secret.line_number - 1] if 0 < secret.line_number <= len(lines) else ""
                yield Found(name, secret.line_number, line, secret.type, secret.secret_value or "")


def history() -> Iterator[Found]:
    """What surely looks like one in any line that any commit brought: it is known, although it has been taken out."""
    command = ["git", "log", "--patch", "--unified=0", "--no-color", "--format="]
    log = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode(errors="replace")
    name, added = "", set()
    for line in log.splitlines():
        if line.startswith("+++ "):
            name = line.removeprefix("+++ b/")
        elif line.startswith("+"):
            added.add((name, line[1:]))
    with _detectors(without=VAGUE):
        for name, line in sorted(added):
            if PRIVATE_KEY.search(line):
                yield Found(name, 0, line, "Private Key", line)
            for secret in scan_line(line):
                yield Found(name, 0, line, secret.type, secret.secret_value or "")


def _detectors(without: tuple[str, ...] = ()) -> AbstractContextManager[object]:
    """All detectors of detect-secrets, but for some."""
    return transient_settings({
        "plugins_used": [{"name": detector.__name__}
                         for kind, detector in get_mapping_from_secret_type_to_class().items() if kind not in without],
        "filters_used": [{"path": f"detect_secrets.filters.heuristic.{name}"} for name in FILTERS],
    })


def planted() -> dict[str, str]:
    """A made-up secret of each kind that matters here, by its kind; put together so that none stands in this file."""
    digest = sha256(b"planted")
    letters = urlsafe_b64encode(digest.digest()).decode().replace("-", "x").replace("_", "y")
    parts = (b'{"alg":"HS256"}', b'{"sub":"planted"}', b"planted")
    token = ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return {
        "AWS Access Key": f'let id = "AKIA{digest.hexdigest()[:16].upper()}";',
        "Private Key": "-----BEGIN " + "RSA PRIVATE KEY-----",
        "GitHub Token": f'"ghp_{letters[:36]}"',
        "JSON Web Token": f'"authorization": "Bearer {token}"',
        "Secret Keyword": f'let api_key = "Bearer {letters[:20]}";',
        "Basic Auth Credentials": f'"https://user:{letters[:16]}@api.smartrecruiters.com"',
        "Hex High Entropy String": f'"md5": "{digest.hexdigest()[:40]}"',
        "Base64 High Entropy String": f'"whsec_{b64encode(digest.digest()).decode()}"',
    }


def missed(exceptions: list[Accepted]) -> list[str]:
    """The kinds of planted secrets that would pass."""
    kinds = []
    with tempfile.TemporaryDirectory() as folder:
        # Where most exceptions hold.
        name = "events/planted.json"
        (Path(folder) / "events").mkdir()
        for kind, line in planted().items():
            (Path(folder) / name).write_text(f"{line}\n")
            found = [one for one in search(Path(folder), [name]) if not any(each.covers(one) for each in exceptions)]
            if kind not in {one.kind for one in found}:
                kinds.append(kind)
    return kinds


def main() -> int:
    """Prints what is wrong, if anything is."""
    exceptions = accepted()
    names = files()
    found = list(search(ROOT, names))
    past = list(history())
    wrong = [f"{one.file}:{one.number}: {one.kind}" for one in found
             if not any(each.covers(one) for each in exceptions)]
    wrong += [f"{one.file}, in an earlier commit: {one.kind}" for one in past
              if not any(each.covers(one) for each in exceptions)]
    wrong += [f"exceptions.toml: meets nothing: {each.reason}" for each in exceptions
              if not any(each.covers(one) for one in found)]
    wrong += [f"Not found where it was planted: {kind}" for kind in missed(exceptions)]
    print("\n".join(wrong) or f"{len(names)} files and the commits before hold no secret; {len(planted())} planted ones were found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
