"""The window registers a matter without touching the mouse."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, expect
from playwright.sync_api import Page as Tab

from tests.browser.chromium import Scene, opened
from tests.browser.pages import PAGES
from tests.installation import Installation

pytestmark = pytest.mark.browser

HOME = next(page for page in PAGES if page.name == "home_clerk")
REGISTER = next(page for page in PAGES if page.name == "register")
#: The name of what has the focus.
FOCUS = "() => document.activeElement.name"
#: Does what has the focus show it? Behind the last field the focus leaves the page.
OUTLINED = """() => {
  if (document.activeElement === document.body) return true;
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""


@pytest.fixture
def tab(chrome: Browser, installation: Installation, scene: Scene) -> Iterator[Tab]:
    with opened(chrome, installation.address, REGISTER, scene, "zh") as shown:
        yield shown.tab


def test_matter_is_registered_by_keys_alone(tab: Tab, scene: Scene) -> None:
    entries = {"name": "李桂芝", "phone": "13900139000", "demand": "路灯不亮。"}
    entries["problem_area"] = "老古城东社区"
    scene.texts.extend(entries.values())  # data for whoever looks at pages after us

    for name, text in entries.items():
        tab_to(tab, name)
        tab.keyboard.type(text)
    with tab.expect_navigation(url=re.compile("/slip/")):
        tab.keyboard.press("F9")

    expect(tab.locator(".slip-number")).to_have_text(re.compile(r"\d{4}-\d{6}-[\dX]"))


def test_class_is_chosen_by_arrows(tab: Tab) -> None:
    tab_to(tab, "petition_class")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")

    assert tab.evaluate("() => document.activeElement.value") == "ACCUSATION"
    assert tab.locator("[name=petition_class][value=ACCUSATION]").is_checked()


def test_focus_is_seen_on_its_way_through_the_page(tab: Tab) -> None:
    unseen, passed = set(), set()

    for _press in range(60):
        tab.keyboard.press("Tab")
        name = tab.evaluate(FOCUS)
        passed.add(name)
        try:
            tab.wait_for_function(OUTLINED, timeout=2000)
        except Error:
            unseen.add(name)

    assert {"phone", "demand", "problem_area", "urgency"} <= passed
    assert not unseen


def test_wrong_entry_is_where_the_focus_goes(tab: Tab) -> None:
    tab.keyboard.press("F9")

    tab.wait_for_selector(".form-errors:focus")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")

    assert tab.evaluate(FOCUS) == "name"


def test_keys_of_the_desk_lead_to_the_register(
    chrome: Browser, installation: Installation, scene: Scene
) -> None:
    for key, channel in {"F2": "VISIT", "F3": "LETTER", "F4": "CALL"}.items():
        with opened(chrome, installation.address, HOME, scene, "zh") as shown:
            shown.tab.keyboard.press(key)
            shown.tab.wait_for_url(re.compile("/register/"))

            assert shown.tab.locator(f"[name=channel][value={channel}]").is_checked()


def tab_to(tab: Tab, name: str) -> None:
    """Press Tab until the field of that name has the focus."""
    for _press in range(80):
        if tab.evaluate(FOCUS) == name:
            return
        tab.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to {name}.")
