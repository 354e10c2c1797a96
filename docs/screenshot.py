"""Writes docs/explore.png, the picture of the page in the README: python docs/screenshot.py (needs Chromium)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("explore.png")
ASKED = {"steps": 40, "interventions": [{"kind": "open_release", "from": "2029-Q1", "layer": "model"}]}
STEP = 20
COLOURS = 256


def main() -> None:
    """Start the server, look at the page, write what is seen."""
    command = [sys.executable, "-m", "stackrace", "app", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stderr is not None
        address = re.findall(r"http://\S+", server.stderr.readline())[0]
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light", bypass_csp=True)
        page.goto(f"{address}#{quote(json.dumps(ASKED))}")
        page.wait_for_function("window.explore && window.explore.page.film", timeout=120_000)
        page.evaluate(f"window.explore.stage.go({STEP})")
        page.screenshot(path=PICTURE)
        Image.open(PICTURE).convert("RGB").quantize(COLOURS, kmeans=2).save(PICTURE, optimize=True)
        chromium.close()
        server.terminate()


if __name__ == "__main__":
    main()
