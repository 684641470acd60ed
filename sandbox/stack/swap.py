"""Another binary for a deployed function: published as a version, and the alias moved to it, as a deployment to AWS does."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from . import deploy
from .description import Stack

# The alias that everything calls: template.yaml, AutoPublishAlias.
ALIAS = "live"


def swap(stack: Stack, function: str, binary: Path) -> str:
    """Lets a function (by its logical id) run `binary` from its next invocation on. Returns the new version."""
    client = deploy.client(stack, "lambda")
    name = deploy.functions(stack)[function]
    version = str(client.update_function_code(FunctionName=name, ZipFile=zipped(binary), Publish=True)["Version"])
    client.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
    return version


def live(stack: Stack, function: str) -> str:
    """The version that is called."""
    name = deploy.functions(stack)[function]
    return str(deploy.client(stack, "lambda").get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"])


def move(stack: Stack, function: str, version: str) -> None:
    """Moves the alias: a roll-back, when the version is an earlier one."""
    name = deploy.functions(stack)[function]
    deploy.client(stack, "lambda").update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)


def zipped(binary: Path) -> bytes:
    """The zip that Lambda takes; the same binary always makes the same one."""
    entry = zipfile.ZipInfo("bootstrap")
    # Executable, in the way zip keeps the modes of Unix.
    entry.external_attr = 0o100755 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=6)
    return buffer.getvalue()
