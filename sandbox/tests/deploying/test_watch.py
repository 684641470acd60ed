"""`make watch`: a function that came out of a build as another one is swapped in the running stack."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from support.world import Scene

from stack import swap, watch
from stack.description import Stack
from stack.settings import ROOT, RUST_TARGET, build_folder


def test_a_function_that_came_out_of_a_build_as_another_one_is_swapped_and_no_other(
    scene: Scene, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / RUST_TARGET / "debug"
    built.mkdir(parents=True)
    for deployed in build_folder(stack.name).glob("*Function/bootstrap"):
        shutil.copy2(deployed, built / deployed.parent.name.removesuffix("Function").lower())
    monkeypatch.setattr(watch, "target_folder", lambda: tmp_path)
    assert watch.swapped(stack) == []
    before = swap.live(stack, "OrdersFunction")
    (built / "orders").write_bytes((built / "orders").read_bytes() + b"\0another build")
    [done] = watch.swapped(stack)
    after = swap.live(stack, "OrdersFunction")
    assert done == f"OrdersFunction (version {after})"
    assert int(after) > int(before)
    scene.invited(scene.orders()[0])
    assert watch.swapped(stack) == [], "sam local invoke takes another binary than the stack"


def test_a_saved_source_file_is_noticed_and_others_are_not() -> None:
    before = watch.times()
    assert watch.times() == before
    source = ROOT / "functions" / "orders" / "src" / "main.rs"
    assert source in before and ROOT / "Cargo.lock" in before
    assert not [path for path in before if "sandbox" in path.parts]
    kept = source.stat()
    try:
        os.utime(source, ns=(kept.st_atime_ns, time.time_ns()))
        after = watch.times()
    finally:
        os.utime(source, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert [path for path in after if after[path] != before[path]] == [source]
