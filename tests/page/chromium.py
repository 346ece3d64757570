"""A real browser, cut off from all other hosts."""

import contextlib
import os
import shutil
from dataclasses import dataclass, field

AXE = (
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    ["axe.min.js"],
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
ROOMS = ("review", "digit", "image", "translation", "text", "gradient")
# What a room shows when it has answered for the first time.
FIRST = {"digit": "#digit .example img", "text": "#text .choices li"}
PATIENCE = 120_000  # milliseconds, on a machine with much else to do


@contextlib.contextmanager
def launch():
    """Chromium, from `$CHROMIUM` or the path, without access to other hosts."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), NAMES[0]
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",  # of no use to root, nor in containers
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that is looked at, and what it did."""

    url: str
    page: object
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def enter(self, room):
        self.page.goto(f"{self.url}#{room}")
        self.page.wait_for_selector(FIRST.get(room, f"#{room} .answer strong"))
        self.settle(room)

    def settle(self, room):
        self.page.wait_for_selector(f"#{room}:not([aria-busy=true])")

    def text(self, selector):
        return self.page.inner_text(selector)


@contextlib.contextmanager
def visit(browser, url, script="", **settings):
    """Opens the page in a window of its own, whose requests and errors are noted, with
    a script beside those of the page."""
    context = browser.new_context(**{"reduced_motion": "reduce", **settings})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(script)
    one = Visit(url, page)
    context.on("request", lambda request: one.asked.append(request.url))
    page.on("pageerror", lambda error: one.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            one.complaints.append(message.text) if message.type == "error" else None
        ),
    )
    page.goto(url)
    yield one
    context.close()
