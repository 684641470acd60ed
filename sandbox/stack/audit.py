"""`make audit`: what we depend on, what we would deploy, and what must not lie in the repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from . import sbom, workflows
from .progress import Failed, run, say
from .settings import LOCAL, ROOT
from .supply_chain import PYTHON, environment, guard, install

FOLDER = LOCAL / "audit"
RULES = Path(__file__).resolve().parent / "rules"
GUARD_RULES = RULES / "template.guard"
TEMPLATE = ROOT / "template.yaml"
DENY = ROOT / "deny.toml"

# An exception that is no longer needed is an error like any other.
DENY_LINTS = ("-D", "unmatched-skip", "-D", "unnecessary-skip", "-D", "license-not-encountered")
DENY_CHECKS = ("licenses", "bans", "sources")

# Of a command that takes seconds, or waits for a network that is not there.
TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Planted:
    """A violation, and the rule or check that has to find it."""

    by: str
    finds: str
    find: str
    put: str

    def into(self, text: str) -> str:
        """`text` with the violation."""
        if self.find not in text:
            raise Failed(f"planted.toml: {self.by} {self.finds}: nothing reads {self.find!r} any more")
        return text.replace(self.find, self.put, 1)


@dataclass(frozen=True)
class Accepted:
    """A failure of checkov that is accepted."""

    check: str
    resources: str
    reason: str


def audit() -> None:
    """Examines everything. Each examiner is shown planted violations too, and fails when it does not find them."""
    install()
    guard()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    dependencies()
    template()
    forge()
    run("Secrets in the repository", [str(PYTHON), "-m", "stack.secret_scan"], environment(), show=True)
    sbom.write(FOLDER / "sbom")
    advisories()


def dependencies() -> None:
    """Licences, second versions, refused crates and where they come from."""
    run("Crates", ["cargo-deny", "--locked", "check", *DENY_LINTS, *DENY_CHECKS], environment())
    plants = _planted("cargo-deny")
    found = []
    for number, plant in enumerate(plants):
        config = FOLDER / f"deny-{number}.toml"
        config.write_text(plant.into(DENY.read_text()))
        answer = _ask(["cargo-deny", "--locked", "--config", str(config), "check", *DENY_LINTS, *DENY_CHECKS])
        found.append(f"{plant.finds} FAILED" in answer.stderr + answer.stdout)
    _all_found(plants, found)


def template() -> None:
    """The template, by cfn-lint, cfn-guard and checkov."""
    run("Template by cfn-lint", ["sam", "validate", "--lint", "--template-file", str(TEMPLATE)], environment())
    _guard()
    _checkov()


def forge() -> None:
    """The workflows of the forge."""
    workflows.examine()
    text = (workflows.FOLDER / "ci.yml").read_text()
    plants = [plant for by in workflows.EXAMINERS for plant in _planted(by)]
    _all_found(plants, [workflows.finds(plant.by, plant.finds, plant.into(text), FOLDER / "planted") for plant in plants])


def advisories() -> None:
    """Known vulnerabilities, where the list of them can be fetched; where it cannot, that is the last word. The forge can (`CI`), and
    fails where it could not, unless it is told not to look (`AUDIT_OFFLINE`)."""
    fetched = _ask(["cargo-deny", "fetch", "db"])
    if fetched.returncode != 0:
        why = fetched.stderr.strip().rpartition("\n")[2]
        unchecked = f"NOT CHECKED: known vulnerabilities. RustSec's database cannot be fetched here ({why}); run this where it can."
        if os.environ.get("CI") and not os.environ.get("AUDIT_OFFLINE"):
            raise Failed(unchecked)
        say(unchecked)
        return
    run("Known vulnerabilities", ["cargo-deny", "--locked", "check", "--disable-fetch", "advisories"], environment())


def _guard() -> None:
    """Our own rules."""
    command = ["cfn-guard", "validate", "--rules", str(GUARD_RULES), "--data"]
    run("Template by cfn-guard", [*command, str(TEMPLATE)], environment())
    plants = _planted("cfn-guard")
    folder = FOLDER / "guard"
    folder.mkdir()
    for number, plant in enumerate(plants):
        (folder / f"{number:03}.yaml").write_text(plant.into(TEMPLATE.read_text()))
    answer = _ask([*command, str(folder), "--structured", "--show-summary", "none", "--output-format", "json"])
    if not answer.stdout:
        raise Failed(answer.stderr)
    failed = {Path(report["name"]).stem: {rule["Rule"]["name"] for rule in report["not_compliant"]}
              for report in json.loads(answer.stdout)}
    _all_found(plants, [plant.finds in failed[f"{number:03}"] for number, plant in enumerate(plants)])


def _checkov() -> None:
    """The common checks, but for those that exceptions.toml accepts."""
    plants = _planted("checkov")
    text = TEMPLATE.read_text()
    for plant in plants:
        text = plant.into(text)
    planted = FOLDER / "planted.yaml"
    planted.write_text(text)
    files = ["--file", str(TEMPLATE), "--file", str(planted)]
    run("Template by checkov", ["checkov", "--framework", "cloudformation", "--skip-download", "--quiet", "--compact",
                                "--soft-fail", "--output", "json", "--output-file-path", str(FOLDER), *files], environment())
    report = json.loads((FOLDER / "results_json.json").read_text())
    failed = {(Path(check["file_path"]).name, check["check_id"], check["resource"], check["check_name"])
              for check in report["results"]["failed_checks"]}
    ours = {(check, resource, name) for file, check, resource, name in failed if file == TEMPLATE.name}
    exceptions = [Accepted(**entry) for entry in tomllib.loads((RULES / "exceptions.toml").read_text())["template"]]
    covered = {entry: {one for one in ours if entry.check == one[0] and fnmatchcase(one[1], entry.resources)}
               for entry in exceptions}
    wrong = [f"{check}: {resource}: {name}" for check, resource, name in sorted(ours - set().union(*covered.values()))]
    wrong += [f"exceptions.toml: {entry.check} meets nothing" for entry, met in covered.items() if not met]
    if wrong:
        raise Failed("\n".join(wrong))
    say(f"  {len(exceptions)} checks may fail, each for a reason (exceptions.toml); no other did")
    found = {check for file, check, *_ in failed if file == planted.name}
    _all_found(plants, [plant.finds in found for plant in plants])


def _planted(by: str) -> list[Planted]:
    """The violations that are for one examiner."""
    entries = tomllib.loads((RULES / "planted.toml").read_text())["planted"]
    return [Planted(**entry) for entry in entries if entry["by"] == by]


def _all_found(plants: list[Planted], found: list[bool]) -> None:
    """Fails for each planted violation that was not found."""
    missed = [f"{plant.by}: {plant.finds} does not find {plant.put or plant.find!r}, which was planted"
              for plant, is_found in zip(plants, found, strict=True) if not is_found]
    if missed:
        raise Failed("\n".join(missed))
    say(f"  {len(plants)} planted violations were found")


def _ask(command: list[str]) -> subprocess.CompletedProcess[str]:
    """A command's answer, however it ends."""
    try:
        return subprocess.run(command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {TIMEOUT_SECONDS} s")
