"""Writes what each function is made of, as CycloneDX: the crates that are in its binary, and those that only built it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import supply_chain
from .progress import Failed, run, say
from .settings import ROOT, RUST_TARGET, RUST_TARGETS, cargo_environment

FUNCTIONS = ROOT / "functions"
SUFFIX = ".cdx.json"

# One tree for each question that is put to cargo.
DEPLOYED = "normal,no-proc-macro"
COMPILED = "normal,build"


@dataclass
class Tree:
    """A function's crates, each by `name@version`, and what each of them needs."""

    root: str = ""
    needs: dict[str, set[str]] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)


def write(folder: Path, built: Path | None = None, architecture: str = "x86_64") -> None:
    """Writes one file for each function into `folder`, and validates it. The same tree gives the same files.

    With `built`, the folder of `sam build`, each tells the hash of the binary that it describes.
    """
    target = RUST_TARGETS[architecture]
    supply_chain.install()
    folder.mkdir(parents=True, exist_ok=True)
    checksums = locked()
    for name in functions():
        binary = _hash(built / f"{name.capitalize()}Function" / "bootstrap") if built else None
        bill = bill_of(name, checksums, binary, target)
        (folder / f"{name}{SUFFIX}").write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n")
    check = [str(supply_chain.PYTHON), "-m", "stack.sbom", str(folder)]
    run("Lists of what is deployed, by their schema", check, supply_chain.environment())
    say(f"  {folder.relative_to(ROOT)}/*{SUFFIX}")


def functions() -> list[str]:
    """The names of all functions; each is a package."""
    return sorted(manifest.parent.name for manifest in FUNCTIONS.glob("*/Cargo.toml"))


def tree(package: str, edges: str, target: str = RUST_TARGET) -> Tree:
    """The crates of a package for the system that it is deployed to, with no features but those it asks for itself."""
    command = ["cargo", "tree", "--locked", "--package", package, "--target", target, "--edges", edges,
               "--prefix", "depth", "--format", "|{p}|{l}", "--charset", "ascii"]
    answer = subprocess.run(command, cwd=ROOT, env=cargo_environment(), capture_output=True, text=True)
    if answer.returncode != 0:
        raise Failed(f"What {package} is made of: {answer.stderr.strip()}")
    found = Tree()
    above: list[str] = []
    for line in answer.stdout.splitlines():
        depth, bar, rest = line.partition("|")
        if not bar:
            # A heading, as [build-dependencies].
            continue
        crate, _, licence = rest.partition("|")
        name, version = crate.split()[:2]
        key = f"{name}@{version.removeprefix('v')}"
        found.licences[key] = licence.removesuffix(" (*)")
        found.needs.setdefault(key, set())
        del above[int(depth):]
        if above:
            found.needs[above[-1]].add(key)
        else:
            found.root = key
        above.append(key)
    return found


def bill_of(name: str, checksums: dict[str, str], binary: str | None = None, target: str = RUST_TARGET) -> dict[str, Any]:
    """The list of one function; `binary` is the hash of what was built."""
    deployed, compiled = tree(name, DEPLOYED, target), tree(name, COMPILED, target)
    root: dict[str, Any] = _component(deployed.root, deployed.licences, checksums, "application")
    if binary:
        root["hashes"] = [{"alg": "SHA-256", "content": binary}]
    others = sorted(set(compiled.needs) - {deployed.root})
    components = [{**_component(key, compiled.licences, checksums, "library"),
                   "scope": "required" if key in deployed.needs else "excluded"} for key in others]
    bill: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root, "properties": [{"name": "cargo:target", "value": target}]},
        "components": components,
        "dependencies": [{"ref": key, "dependsOn": sorted(needs)} for key, needs in sorted(compiled.needs.items())],
    }
    # Of what it tells, and not of the moment.
    bill["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bill, sort_keys=True)).urn
    return bill


def _component(key: str, licences: dict[str, str], checksums: dict[str, str], kind: str) -> dict[str, Any]:
    """One crate."""
    name, _, version = key.partition("@")
    component: dict[str, Any] = {"type": kind, "bom-ref": key, "name": name, "version": version,
                                 # Old crates write a slash for "or".
                                 "licenses": [{"expression": licences[key].replace("/", " OR ")}]}
    # Published crates alone: others may have published some by the names of ours.
    if key in checksums:
        component |= {"purl": f"pkg:cargo/{name}@{version}", "hashes": [{"alg": "SHA-256", "content": checksums[key]}]}
    return component


def locked() -> dict[str, str]:
    """The hash of each published crate, as it was locked."""
    packages = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    return {f"{package['name']}@{package['version']}": package["checksum"]
            for package in packages if "checksum" in package}


def _hash(binary: Path) -> str:
    """A binary's hash."""
    if not binary.exists():
        raise Failed(f"{binary} has not been built")
    return hashlib.sha256(binary.read_bytes()).hexdigest()


def _invalid(folder: Path) -> list[str]:
    """What the schema of CycloneDX has against the files in `folder`. Runs in the environment of `make audit`."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    validator = JsonStrictValidator(SchemaVersion.V1_6)
    files = sorted(folder.glob(f"*{SUFFIX}"))
    errors = {file.name: validator.validate_str(file.read_text()) for file in files}
    planted = json.loads(files[0].read_text())
    planted["components"][0]["hashes"] = [{"alg": "SHA-256", "content": "none"}]
    if validator.validate_str(json.dumps(planted)) is None:
        return ["A planted error was not found"]
    return [f"{name}: {str(error.data)[:300]}" for name, error in errors.items() if error is not None]


if __name__ == "__main__":
    wrong = _invalid(Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
