"""Opens the pages in Chromium and tells what is wrong with them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, sync_playwright
from playwright.sync_api import Page as Tab

import _services
from tests.browser.pages import DESK, LANGUAGE_COOKIE, LANGUAGES, SESSION_COOKIE, Page
from tests.installation import Installation

ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip

#: What the browser itself speaks, in fields of dates for instance.
LOCALES = {"zh": "zh-CN", "en": "en-GB"}

#: What is seen and said on a page: its texts, and what readers of the screen are told.
#: Left out: what its own language is named for (`lang`), what was typed, and what is hidden.
TEXTS = """() => {
  const found = [], ours = document.documentElement.lang;
  const skip = (el) => el.closest("script, style, noscript, template, textarea, svg")
    || !el.checkVisibility() || el.closest("[lang]").lang !== ours;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    if (text && !skip(walk.currentNode.parentElement)) found.push(text);
  }
  for (const name of ["title", "placeholder", "aria-label", "alt"])
    for (const el of document.querySelectorAll(`[${name}]`))
      if (el.getAttribute(name) && !skip(el)) found.push(el.getAttribute(name));
  return [document.title, ...found];
}"""
#: What sticks out of the window to the right, if the page can be scrolled sideways.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const out = [...document.querySelectorAll("body *")].filter((el) =>
    el.checkVisibility() && el.getBoundingClientRect().right > width + 1);
  return out.slice(-5).map((el) => `${el.tagName} ${el.className} ${el.textContent.trim()}`
    .replace(/\\s+/g, " ").slice(0, 90));
}"""
#: A window that was resized is laid out anew some frames later.
LAID_OUT = """async (width) => {
  const frame = () => new Promise(requestAnimationFrame);
  do { await frame(); await frame(); } while (innerWidth !== width);
}"""
OPEN_ALL = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
#: The form's own checks must not keep a wrong entry from the server.
UNCHECKED = "(form) => { form.noValidate = true; }"


@dataclass(frozen=True)
class Scene:
    """The values that pages name in braces, a session for each login, every text that is data."""

    values: dict[str, Any]
    sessions: dict[str, str]
    texts: list[str]

    @classmethod
    def of(cls, installation: Installation) -> Scene:
        """Set once in an installation with demo cases; of one that is kept, as it was told then."""
        told = installation.data / "scene.json"
        if not told.exists():
            code = "from tests.browser import scene; scene.tell()"
            told.write_text(installation.manage(*installation.python(code)))
        return cls(**json.loads(told.read_text()))


@dataclass
class Opened:
    """A page in a tab, and what it complained of on the way."""

    tab: Tab
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """A page that answers 403 is an answer, not a failure; anything else must load."""
        itself = message.location.get("url") == self.tab.url
        if message.type in ("error", "warning") and not itself:
            self.complaints.append(message.text)

    def resize(self, size: tuple[int, int]) -> None:
        """Another screen, and everything in its place on it."""
        self.tab.set_viewport_size({"width": size[0], "height": size[1]})
        self.tab.evaluate(LAID_OUT, size[0])

    def texts(self) -> list[str]:
        """Everything it says."""
        found: list[str] = self.tab.evaluate(TEXTS)
        return found

    def overflow(self) -> list[str]:
        """What makes it wider than the window."""
        found: list[str] = self.tab.evaluate(OVERFLOW)
        return found

    def barriers(self) -> list[str]:
        """Serious and critical findings of axe, each with the first element it is about."""
        found = Axe().run(self.tab, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:150]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM") or _services.browser()
        browser = playwright.chromium.launch(executable_path=program, args=ARGS)
        yield browser
        browser.close()


@contextmanager
def window(
    browser: Browser, address: str, language: str, size: tuple[int, int] = DESK
) -> Iterator[Tab]:
    """A tab in a window of its own, in a language ("zh" or "en") on a screen."""
    width, height = size
    context = browser.new_context(
        base_url=address,
        locale=LOCALES[language],
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


@contextmanager
def visited(tab: Tab, address: str, page: Page, scene: Scene, language: str) -> Iterator[Opened]:
    """The page as its person sees it, in a tab that shows one after the other."""
    cookies = {LANGUAGE_COOKIE: LANGUAGES[language]}
    if page.login:
        cookies[SESSION_COOKIE] = scene.sessions[page.login.format(**scene.values)]
    tab.context.clear_cookies()
    tab.context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
    shown = Opened(tab)
    hearers = {
        "console": shown.hear,
        "pageerror": lambda error: shown.complaints.append(str(error)),
    }
    for event, hear in hearers.items():
        tab.on(event, hear)  # type: ignore[call-overload]
    tab.goto(page.path.format(**scene.values), wait_until="load")
    if page.until:
        tab.wait_for_selector(page.until)
    if page.send:
        send(tab, page, scene)
    yield shown
    for event, hear in hearers.items():
        tab.remove_listener(event, hear)
    tab.evaluate("localStorage.clear()")  # drafts would come up on the next page


@contextmanager
def opened(
    browser: Browser, address: str, page: Page, scene: Scene, language: str,
    size: tuple[int, int] = DESK,
) -> Iterator[Opened]:  # fmt: skip
    """The page as its person sees it, in a window of its own."""
    with (
        window(browser, address, language, size) as tab,
        visited(tab, address, page, scene, language) as shown,
    ):
        yield shown


def send(tab: Tab, page: Page, scene: Scene) -> None:
    """Send the page's own form, as it stands or filled in."""
    form = tab.locator("#main form[method=post]").first
    for name, value in page.fields:
        form.locator(f"[name={name}]").fill(value.format(**scene.values))
    form.evaluate(UNCHECKED)
    with tab.expect_navigation():
        form.locator("[type=submit]").first.click()
