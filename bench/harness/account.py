"""A large account: how soon SmartRecruiters lists its assessments, and how their pages are read under TestGorilla's 20 calls a minute."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from stack.occasion import Occasion
from stack.progress import say, wait_for

from . import bulk
from . import scene as scenes
from .scene import Scene

ASSESSMENTS, MINUTES = 2_000, 4


def run(functions: Path, assessments: int) -> None:
    """Connects a company whose account has so many assessments, lists them, and watches the pages being read for some minutes."""
    os.environ.update(RECONCILE_MINUTES="5", CATALOGUE_MAX_AGE_SECONDS="60")
    with scenes.working(functions) as other:
        scene = Scene(other.stack, Occasion(other.stack, connected=True), other.variables)
        company = scene.occasion.company
        say(f"Creating {assessments} assessments ...")
        for number in range(assessments):
            body = {"account": company, "name": f"Skill {number}", "tests": [{"name": "Rust"}, {"name": "SQL"}]}
            scene.control("testgorilla", "POST", "assessments", body)
        scene.control("testgorilla", "PUT", "limits", {"limits": {"assessments": 20}, "window_seconds": 60})
        found = _watch(scene, company, assessments)
    bulk.keep(bulk.ACCOUNT, "an account", found)


def _watch(scene: Scene, company: str, assessments: int) -> dict[str, Any]:
    started = time.monotonic()
    took: list[float] = []

    def listed() -> list[dict[str, Any]]:
        before = time.monotonic()
        packages = scene.control("smartrecruiters", "GET", f"companies/{company}/packages")["body"] or []
        took.append((time.monotonic() - before) * 1000)
        return list(packages)

    wait_for("the whole list", lambda: len(listed()) == assessments, 300)
    first = time.monotonic() - started
    say(f"  all are listed after {first:.0f} s; now for {MINUTES} minutes of reading pages")
    end = time.monotonic() + MINUTES * 60
    read = 0
    while time.monotonic() < end:
        time.sleep(10)
        read = sum(1 for package in listed() if package["assessments"])
        say(f"  {read} pages read, {time.monotonic() - started:.0f} s")
    elapsed = (time.monotonic() - started) / 60
    statuses = scene.answers("listAssessments", "getAssessment")
    later = sorted(took[-MINUTES * 6:])
    return {
        "assessments": assessments, "all listed after the first listing, s": round(first, 1),
        "a later listing, ms, median, on the emulated AWS": round(later[len(later) // 2]),
        "pages read a minute": round(read / elapsed, 1),
        "all pages read after, h, at that rate": round(assessments / (read / elapsed) / 60, 1) if read else None,
        "calls": sum(statuses.values()), "answered 429": statuses["429"],
    }
