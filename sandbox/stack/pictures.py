"""`make pictures`: the README's pictures, taken from screenshots of the browser tests."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image, ImageChops

from . import checks, lifecycle, tools
from .progress import Failed, say
from .settings import ROOT, SCREENSHOTS

IMAGES = ROOT / "docs" / "images"

# Screenshot by the picture's name.
PICTURES = {
    "integrations": "testgorilla-integrations",
    "consent": "smartrecruiters-consent-in-its-frame",
    "bad-key": "consent-bad-key",
    "bad-key-dark": "consent-bad-key-dark",
    "skills-test": "smartrecruiters-skills-test",
    "pending": "smartrecruiters-pending",
    "results": "smartrecruiters-results",
    "what-happened": "what-happened",
}

# Screens have few colours: a palette of so many shows no difference.
COLOURS = 128
# What is left of the empty end of a screen, in pixels.
MARGIN = 24
# No picture is larger, in bytes.
LARGEST = 60_000


def make() -> None:
    """Runs the browser tests on a stack of their own and makes the pictures from their screenshots."""
    tools.browser()
    with lifecycle.temporary(f"pictures-{os.getpid()}") as stack:
        checks.browser(stack)
    IMAGES.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, screenshot in PICTURES.items():
        size = _make(SCREENSHOTS / f"{screenshot}.png", IMAGES / f"{name}.png")
        total += size
        say(f"  docs/images/{name}.png  {size / 1000:.0f} kB")
    say(f"{len(PICTURES)} pictures, {total / 1000:.0f} kB")


def _make(screenshot: Path, picture: Path) -> int:
    """Cuts off the empty end of a screenshot and compresses it. Returns its size in bytes."""
    if not screenshot.exists():
        raise Failed(f"{screenshot.name}: the browser tests take no such screenshot.")
    image = Image.open(screenshot).convert("RGB")
    background = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    shown = ImageChops.difference(image, background).getbbox()
    end = min(image.height, shown[3] + MARGIN) if shown else image.height
    cut = image.crop((0, 0, image.width, end))
    cut.quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)
    size = picture.stat().st_size
    if size > LARGEST:
        raise Failed(f"{picture.name} has {size} bytes, and {LARGEST} are allowed.")
    return size
