"""Measures how long the page takes to answer in Chromium, once its models are loaded.

rnnzoo page public --download
python -m tests.page.times public
"""

import statistics
import sys

from rnnzoo.page import PageServer
from tests.page.chromium import launch, visit

ROUNDS = 5
REVIEW = "The plot is thin, but the acting is so good that it hardly matters."
# What is filled in, and what is clicked then.
ASKED = {
    "review": ("#review-text", REVIEW, "#review .main"),
    "review of 4 000 words": ("#review-text", "not " * 4_000, "#review .main"),
    "translation": (
        "#translation-text",
        "Where is the nearest station, please?",
        "#translation .main",
    ),
    "text": ("#text-start", "The acting is good but", "#text [data-part=again]"),
    "image": ("", "", "#image .example"),
    "digit": ("", "", "#digit .example"),
}
ANSWER = """async ([room, field, value, button]) => {
  const section = document.getElementById(room);
  const isBusy = () => section.getAttribute("aria-busy") === "true";
  const wait = () => new Promise((done) => setTimeout(done));
  if (field) document.querySelector(field).value = value;
  const start = performance.now();
  document.querySelector(button).click();
  while (!isBusy()) await wait();
  while (isBusy()) await wait();
  return performance.now() - start;
}"""
REDRAW = """(radius) => {
  const slider = document.querySelector("#gradient [data-part=radius]");
  slider.value = radius;
  const start = performance.now();
  slider.dispatchEvent(new Event("input"));
  return performance.now() - start;
}"""


def main(folder):
    with (
        PageServer(folder) as server,
        launch() as browser,
        visit(browser, server.url) as window,
    ):
        for name, (field, value, button) in ASKED.items():
            room = name.split()[0]
            window.enter(room)
            asked = [room, field, value, button]
            show(name, [window.page.evaluate(ANSWER, asked) for _ in range(ROUNDS)])
        window.enter("gradient")
        radii = [0.5 + 0.2 * i for i in range(ROUNDS)]
        show("gradient", [window.page.evaluate(REDRAW, radius) for radius in radii])


def show(name, times):
    print(f"{name}: {statistics.median(times):.0f} ms, at most {max(times):.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
