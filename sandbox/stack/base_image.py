"""Provides the image that `sam local invoke` runs functions in."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .progress import Failed, run, say

IMAGE = "public.ecr.aws/lambda/provided:al2023-x86_64"
PACKAGES = ("libc6", "libgcc-s1", "busybox-static")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# What AWS's image declares and the functions and SAM rely on.
DECLARATIONS = (
    "WORKDIR /var/task",
    "ENV PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin LD_LIBRARY_PATH=/lib64:/usr/lib64:/var/runtime:/var/task:/opt/lib"
    " LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime",
)


def provide() -> None:
    """Leaves the image as it is when Docker has it, else pulls AWS's, else makes a stand-in from Debian packages."""
    if is_there():
        say(f"Docker has {IMAGE}: nothing to do.")
        return
    say(f"`sam local invoke` runs functions in {IMAGE}, which Docker does not have: pulling it.")
    if _quiet("docker", "pull", IMAGE, seconds=300):
        say("Pulled.")
        return
    say("It cannot be pulled from here. A small image of the same name is made from Debian packages instead:")
    say(f"{', '.join(PACKAGES)} and root certificates are all that a function built in Rust needs.")
    with tempfile.TemporaryDirectory() as folder:
        _make(Path(folder))
    say(f"Made {IMAGE}. `docker rmi {IMAGE}` removes it, should AWS's own be wanted later.")


def is_there() -> bool:
    """Whether Docker has the image."""
    require_docker()
    return _quiet("docker", "image", "inspect", IMAGE)


def require_docker() -> None:
    """Raises `Failed` unless Docker answers."""
    if shutil.which("docker") is None or not _quiet("docker", "info"):
        raise Failed("`sam local invoke` needs Docker, and Docker does not answer here.")


def _make(folder: Path) -> None:
    """Lays out a root file system in `folder` and imports it."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Failed("Neither can the image be pulled nor can Debian packages be fetched here.")
    packages, root = folder / "packages", folder / "root"
    packages.mkdir()
    # The sandbox user of apt cannot write to a folder of this user's.
    fetch = ["sh", "-c", f"cd {packages} && apt-get -o APT::Sandbox::User=root download {' '.join(PACKAGES)}"]
    run("Fetching Debian packages", fetch, os.environ)
    for package in packages.glob("*.deb"):
        run(f"Unpacking {package.name.partition('_')[0]}", ["dpkg", "-x", str(package), str(root)], os.environ)
    for path in ("bin", "tmp", "var/task", "var/runtime", "opt", "etc/ssl/certs"):
        (root / path).mkdir(parents=True, exist_ok=True)
    (root / "bin" / "sh").symlink_to("busybox")
    # As in AWS's image: a name has every address that /etc/hosts gives it, not the first alone.
    (root / "etc" / "host.conf").write_text("multi on\n")
    if CERTIFICATES.exists():
        shutil.copy(CERTIFICATES, root / "etc/ssl/certs")
    archive = folder / "root.tar"
    run("Packing", ["tar", "-C", str(root), "-cf", str(archive), "."], os.environ)
    changes = [word for declaration in DECLARATIONS for word in ("--change", declaration)]
    run("Importing", ["docker", "import", *changes, str(archive), IMAGE], os.environ)


def _quiet(*command: str, seconds: float = 60) -> bool:
    """Whether a command succeeds in time; its output is of no interest."""
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
