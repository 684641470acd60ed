"""docs/security.md names files and tests: each exists, every threat is answered, and every OWASP risk has a test.

Needs no stack: `.local/venv-tools/bin/python -m pytest --config-file sandbox/pytest.ini --noconftest sandbox/tests/test_security_document.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from stack.settings import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
STRIDE = set("STRIDE")
OWASP = [f"API{number}" for number in range(1, 11)]

NAMED_TEST = re.compile(r"`([\w./-]+)::(\w+)`")
QUOTED = re.compile(r"`([A-Za-z][\w.-]*(?:/[\w.-]+)*/?)`")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
FILE = re.compile(r".*(/|\.(yaml|toml|lock|md|rs|py)$)")
RUST_TEST = re.compile(r"#\[(?:\w+::)?test\](?:\s*#\[[^\]]*\])*\s*(?:async\s+)?fn\s+(\w+)")
RISK = re.compile(r"\bR(\d+)\b(?!\.\d)")


def test_every_file_and_test_that_the_document_names_exists() -> None:
    assert list(missing(DOCUMENT.read_text())) == []


def test_every_threat_is_answered() -> None:
    assert list(unanswered(DOCUMENT.read_text())) == []


def test_every_owasp_risk_has_a_test() -> None:
    assert list(without_test(DOCUMENT.read_text())) == []


def test_every_residual_risk_that_is_referred_to_is_described() -> None:
    text = DOCUMENT.read_text()
    described = [int(row[0][1:]) for row in rows(text, r"R\d+")]
    assert described == list(range(1, len(described) + 1))
    assert {int(number) for number in RISK.findall(text)} == set(described)


GOOD = """
A picture: "1: the door".
| S1.1 | a stranger | a lock: `shared/domain/src/hosts.rs` | `shared/domain/src/hosts.rs::look_alikes_are_foreign` |
| T1.2 | a drill | No control. | Not tested: nobody drills. |
| R1.3 | a lie | a book: `template.yaml` | `sandbox/tests/test_form.py::test_a_form_that_we_did_not_make_connects_nobody` |
| I1.4 | a glance | a curtain: `docs/errors.md` | `sandbox/tests/support/after.py::no_order_has_gone_backwards` |
| D1.5 | a crowd | a rope: `functions/` | `functions/token/src/tests.rs::a_token_costs_one_read` |
| E1.6 | a key | a ring: [the README](../README.md) and `sandbox/tests` | `shared/domain/tests/webhooks.rs::what_the_reference_library_signs_is_believed` |
""" + "\n".join(f"| {risk} | a risk | a control | `functions/token/src/tests.rs::a_token_costs_one_read` |" for risk in OWASP)


def test_a_good_document_is_taken() -> None:
    assert [*missing(GOOD), *unanswered(GOOD), *without_test(GOOD)] == []


@pytest.mark.parametrize(("right", "wrong"), [
    ("::look_alikes_are_foreign", "::look_alikes_are_welcome"),
    ("::look_alikes_are_foreign", "::check"),
    ("hosts.rs::", "guests.rs::"),
    ("::test_a_form_that_we_did_not_make_connects_nobody", "::test_a_form"),
    ("::test_a_form_that_we_did_not_make_connects_nobody", "::_is_forged"),
    ("::no_order_has_gone_backwards", "::report"),
    ("`template.yaml`", "`templates.yaml`"),
    ("`functions/`", "`functionality/`"),
    ("(../README.md)", "(README.md)"),
])
def test_a_wrong_name_is_found(right: str, wrong: str) -> None:
    assert right in GOOD
    assert len(list(missing(GOOD.replace(right, wrong, 1)))) == 1


@pytest.mark.parametrize(("right", "wrong", "found"), [
    ("Not tested: nobody drills.", "Nobody drills.", "T1.2: neither a test nor a word that there is none"),
    ("No control. |", "A guard. |", "T1.2: neither a file nor a word that there is no control"),
    ("| D1.5 |", "| E1.5 |", "1: nothing of D"),
    ("| D1.5 |", "| S1.1 |", "S1.1: there twice"),
    ('"1: the door"', '"1: the door", "2: the window"', "2: nothing of STRIDE"),
])
def test_a_threat_without_an_answer_is_found(right: str, wrong: str, found: str) -> None:
    assert found in list(unanswered(GOOD.replace(right, wrong)))


def test_an_owasp_risk_that_is_missing_or_has_no_test_is_found() -> None:
    row = next(line for line in GOOD.splitlines() if line.startswith("| API7 |"))
    assert list(without_test(GOOD.replace(row, ""))) == ["API7"]
    assert list(without_test(GOOD.replace(row, "| API7 | a risk | a control | |"))) == ["API7"]


def missing(text: str) -> Iterator[str]:
    """What is named and does not exist. Links are read from the document's folder, everything else from the root."""
    for path, name in NAMED_TEST.findall(text):
        if name not in named_in(ROOT / path):
            yield f"{path}::{name}"
    for path in QUOTED.findall(text):
        if FILE.match(path) and not (ROOT / path).exists():
            yield path
    for path in LINK.findall(text):
        if "://" not in path and not (DOCUMENT.parent / path).exists():
            yield path


def unanswered(text: str) -> Iterator[str]:
    """Threats without control or test that are not said to have none, and boundaries of the picture that lack a letter of STRIDE."""
    seen: set[str] = set()
    for number, _, control, attack in rows(text, r"[STRIDE]\d+\.\d+"):
        if number in seen:
            yield f"{number}: there twice"
        seen.add(number)
        if not (QUOTED.search(control) or LINK.search(control) or "No control" in control):
            yield f"{number}: neither a file nor a word that there is no control"
        if not (NAMED_TEST.search(attack) or attack.startswith("Not tested: ")):
            yield f"{number}: neither a test nor a word that there is none"
    for boundary in re.findall(r'"(\d+): ', text):
        letters = STRIDE - {number[0] for number in seen if number[1:].startswith(f"{boundary}.")}
        if letters:
            yield f"{boundary}: nothing of {''.join(letter for letter in 'STRIDE' if letter in letters)}"


def without_test(text: str) -> list[str]:
    """OWASP's risks that have no row with a test."""
    tested = {row[0] for row in rows(text, r"API\d+") if NAMED_TEST.search(row[-1])}
    return [risk for risk in OWASP if risk not in tested]


def rows(text: str, first: str) -> Iterator[list[str]]:
    """The cells of each row of a table whose first cell is of this form."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and re.fullmatch(first, cells[0]):
            yield cells


@cache
def named_in(path: Path) -> frozenset[str]:
    """The names of the tests in a file. Of the checks after all tests, which are no functions of pytest's, as they are reported."""
    if not path.is_file():
        return frozenset()
    if path.suffix == ".rs":
        return frozenset(RUST_TEST.findall(path.read_text()))
    tree = ast.parse(path.read_text())
    checks = {key.value for node in tree.body if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
              if isinstance(node.target, ast.Name) and node.target.id == "CHECKS"
              for key in node.value.keys if isinstance(key, ast.Constant)}
    return frozenset({*checks, *(node.name for node in tree.body
                                 if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))})
