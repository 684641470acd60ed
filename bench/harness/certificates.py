"""A certificate authority for this machine's loopback interface, shaped as AWS's: RSA, a root, an intermediate, a leaf."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stack.progress import Failed

SYSTEM = Path("/etc/ssl/certs/ca-certificates.crt")
DAYS = "2"


@dataclass(frozen=True)
class Certificates:
    """Files in PEM."""

    chain: Path
    key: Path
    # The system's roots and ours: a function parses as many as it does in AWS.
    roots: Path


def make(folder: Path) -> Certificates:
    """Makes them anew."""
    folder.mkdir(parents=True, exist_ok=True)
    _signed(folder, "root", None, "basicConstraints=critical,CA:TRUE")
    _signed(folder, "intermediate", "root", "basicConstraints=critical,CA:TRUE")
    _signed(folder, "leaf", "intermediate", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    chain, roots = folder / "chain.pem", folder / "roots.pem"
    chain.write_text((folder / "leaf.pem").read_text() + (folder / "intermediate.pem").read_text())
    if not SYSTEM.exists():
        raise Failed(f"{SYSTEM} is missing: install ca-certificates.")
    roots.write_text(SYSTEM.read_text() + (folder / "root.pem").read_text())
    return Certificates(chain, folder / "leaf.key", roots)


def _signed(folder: Path, name: str, by: str | None, extension: str) -> None:
    """A key and its certificate."""
    key, request, certificate = (folder / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"{extension}\n")
    _openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN=bench {name}", "-keyout", str(key),
             "-out", str(request))
    signer = ["-signkey", str(key)] if by is None else ["-CA", str(folder / f"{by}.pem"), "-CAkey", str(folder / f"{by}.key"),
                                                        "-CAcreateserial"]
    _openssl("x509", "-req", "-in", str(request), "-days", DAYS, "-sha256", "-extfile", str(extensions), *signer,
             "-out", str(certificate))
    os.chmod(key, 0o600)


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"openssl {arguments[0]}: {done.stderr}")
