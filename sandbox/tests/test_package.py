"""`make package`: zips that the same binaries always make the same, and checksums that others can compare."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from stack import package, sbom
from stack.progress import Failed
from stack.swap import zipped


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    path = tmp_path / "binary"
    path.write_bytes(b"\x7fELF and so on")
    return path


def test_a_zip_holds_the_binary_as_lambda_wants_it(binary: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(binary))) as archive:
        [entry] = archive.infolist()
        assert (entry.filename, entry.external_attr >> 16 & 0o777) == ("bootstrap", 0o755)
        assert archive.read("bootstrap") == binary.read_bytes()


def test_the_same_binary_makes_the_same_zip(binary: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    later.write_bytes(binary.read_bytes())
    assert zipped(later) == zipped(binary)


def test_checksums_are_compared_by_sha256sum(binary: Path) -> None:
    package.checksums(binary.parent)
    assert _compared(binary.parent) == 0
    binary.write_bytes(b"another one")
    assert _compared(binary.parent) == 1


def test_an_architecture_that_lambda_does_not_have_is_named() -> None:
    with pytest.raises(Failed, match="no architecture riscv64"):
        package.package("riscv64")


def test_the_list_of_the_other_architecture_names_its_target() -> None:
    bill = sbom.bill_of("token", sbom.locked(), target="aarch64-unknown-linux-gnu")
    assert bill["metadata"]["properties"] == [{"name": "cargo:target", "value": "aarch64-unknown-linux-gnu"}]
    assert len(bill["components"]) > 50


def _compared(folder: Path) -> int:
    return subprocess.run(["sha256sum", "--check", "--quiet", package.CHECKSUMS], cwd=folder, capture_output=True, check=False).returncode
