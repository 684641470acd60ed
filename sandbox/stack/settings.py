"""Where things lie, and the environment that commands of the local stack run in."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
TOOLS = LOCAL / "venv-tools"
MINISTACK = LOCAL / "venv-ministack"
AWS_CLI = LOCAL / "venv-aws-cli"
# What the browser tests have last seen.
SCREENSHOTS = LOCAL / "screenshots"
SAMCONFIG = ROOT / "samconfig.toml"

# Where a plain `sam build` builds.
BUILT = ROOT / ".aws-sam" / "build"
# Where a test keeps it while it builds there itself.
ASIDE = BUILT.with_name("build-aside")

# The name of the stack that `make up` keeps: it alone builds into the folder that a plain `sam` command uses.
DEFAULT_NAME = "local"

REGION = "us-east-1"

# cargo-lambda always names a target, so its artifacts lie in that target's folder. Naming the same one for
# tests and stand-ins lets them share the dependencies that they compile with the same features.
RUST_TARGET = "x86_64-unknown-linux-gnu"
# By the names that Lambda has for them.
RUST_TARGETS = {"x86_64": RUST_TARGET, "arm64": "aarch64-unknown-linux-gnu"}

# What could lead a command to somebody's real account is taken out of its environment.
_FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")


def target_folder() -> Path:
    """Cargo's target folder."""
    return Path(os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target")))


def build_folder(name: str) -> Path:
    """Where `sam build` puts the debug functions of the stack called `name`."""
    return BUILT if name == DEFAULT_NAME else LOCAL / name / "build"


def cargo_environment() -> dict[str, str]:
    """Environment of every cargo and `sam build` command: one target folder, debug functions, no cross compiler."""
    return {
        **os.environ,
        "PATH": f"{TOOLS / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "CARGO_BUILD_TARGET": RUST_TARGET,
        "SAM_BUILD_MODE": "debug",
        "CARGO_LAMBDA_COMPILER": "cargo",
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": REGION,
    }


def aws_environment(endpoint: str) -> dict[str, str]:
    """Environment of a command that talks to the emulated AWS at `endpoint`, and can talk to no other."""
    kept = {key: value for key, value in cargo_environment().items() if key not in _FOREIGN}
    return {
        **kept,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
