"""Where things lie."""

from __future__ import annotations

import os
from pathlib import Path

from stack import settings

ROOT = settings.ROOT
BENCH = ROOT / "bench"
LOCAL = settings.LOCAL / "bench"
VENV = settings.LOCAL / "venv-bench"
RESULTS = BENCH / "results.json"
DOCUMENT = ROOT / "docs" / "performance.md"
TARGET = Path(os.environ.get("BENCH_TARGET_DIR", str(settings.target_folder() / "bench")))
