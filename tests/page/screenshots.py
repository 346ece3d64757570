"""Takes the pictures of the page that README and docs show.

rnnzoo page public --download
python -m tests.page.screenshots public docs/figures [room …]
"""

import io
import sys
from pathlib import Path

from PIL import Image

from rnnzoo.page.server import PageServer
from tests.page.chromium import launch, visit

SIZE = {"width": 1040, "height": 800}
COLOURS = 160
PREPARE = {
    "review": lambda page: page.evaluate(
        "document.querySelector('#review .examples button:nth-child(4)').click()"
    ),
    "digit": lambda page: page.click("#digit .example >> nth=1"),
    "image": lambda page: None,
    "translation": lambda page: None,
    "text": lambda page: write_calmly(page),
    "gradient": lambda page: page.select_option(
        "#gradient [data-part=start]", "normal"
    ),
}
# What is shown of each room.
PARTS = {
    "review": [".reading", "figure canvas"],
    "digit": [".drawing", "figure canvas"],
    "image": [".answer", "figure canvas"],
    "translation": [".answer", "[data-part=attention]"],
    "text": [".written", "figure canvas"],
    "gradient": [".answer", "[data-part=chart]"],
}


def write_calmly(page):
    page.focus("#text [data-part=temperature]")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.click("#text .examples button:nth-child(3)")


def main(folder, target, *rooms):
    with (
        PageServer(folder) as server,
        launch() as browser,
        visit(browser, server.url, viewport=SIZE) as window,
    ):
        for room in rooms or PREPARE:
            window.enter(room)
            PREPARE[room](window.page)
            if room == "digit":
                window.page.wait_for_selector("#digit .answer strong")
            window.settle(room)
            boxes = [
                window.page.query_selector(f"#{room} {part}").bounding_box()
                for part in PARTS[room]
            ]
            top = boxes[0]["y"] - 8
            high = boxes[-1]["y"] + boxes[-1]["height"] + 8 - top
            scrolled = window.page.evaluate("scrollY")
            data = window.page.screenshot(
                full_page=True,
                clip={"x": 0, "y": top + scrolled, "width": 1040, "height": high},
            )
            image = Image.open(io.BytesIO(data)).convert("RGB")
            image = image.quantize(COLOURS, dither=Image.Dither.NONE)
            path = Path(target) / f"page_{room}.png"
            image.save(path, optimize=True)
            print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
