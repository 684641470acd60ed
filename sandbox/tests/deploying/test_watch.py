"""`make watch`: a function that came out of a build as another one is swapped in the running stack."""

from __future__ import annotations

import os
import time

from support.world import Scene

from stack import swap, watch
from stack.description import Stack
from stack.settings import ROOT, build_folder


def test_a_function_that_was_built_anew_is_swapped_and_no_other(scene: Scene, stack: Stack) -> None:
    # Whatever has been built since the stack came up.
    watch.swapped(stack)
    assert watch.swapped(stack) == []
    before = swap.live(stack, "OrdersFunction")
    deployed = build_folder(stack.name) / "OrdersFunction" / "bootstrap"
    deployed.write_bytes(deployed.read_bytes() + b"as it was before the change")
    [done] = watch.swapped(stack)
    after = swap.live(stack, "OrdersFunction")
    assert done == f"OrdersFunction (version {after})"
    assert int(after) > int(before)
    scene.invited(scene.orders()[0])


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
