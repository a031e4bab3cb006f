"""Deciding card by card on a telephone: what is wrong is said in the card, the next one comes."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect
from playwright.sync_api import Page as Tab

from tests.browser.chromium import Scene, opened
from tests.browser.pages import PAGES, PHONE
from tests.installation import Installation

pytestmark = pytest.mark.browser

DECISIONS = next(page for page in PAGES if page.name == "decisions")
#: A target for a thumb, in points.
THUMB = 44


@pytest.fixture
def tab(chrome: Browser, installation: Installation, scene: Scene) -> Iterator[Tab]:
    with opened(chrome, installation.address, DECISIONS, scene, "zh", PHONE) as shown:
        yield shown.tab


def test_buttons_stay_under_the_thumb(tab: Tab) -> None:
    card = tab.locator("[data-decision]").first
    button = card.locator("button[value=approve]")
    card.locator("h2").scroll_into_view_if_needed()

    box = button.bounding_box()

    assert box is not None
    assert box["height"] >= THUMB
    assert box["y"] + box["height"] <= PHONE[1]


def test_return_without_a_sentence_is_told_in_the_card(tab: Tab) -> None:
    card = tab.locator("[data-decision]").first
    key = card.get_attribute("id")

    card.locator("button[value=return]").click()

    wrong = tab.locator(f"#{key} [name=reason][aria-invalid=true]")
    expect(wrong).to_be_focused()
    expect(tab.locator(f"#{key} .errors")).to_be_visible()


def test_next_card_has_the_focus_once_one_is_decided(tab: Tab) -> None:
    cards = tab.locator("[data-decision]")
    before = cards.count()
    key = cards.first.get_attribute("id")
    following = cards.nth(1).get_attribute("id") if before > 1 else None
    tab.route("**/decisions/**", lambda route: answer(route, str(key)))

    cards.first.locator("[name=reason]").fill("同意")
    cards.first.locator("button[value=approve]").click()

    expect(tab.locator(f"[data-decided={json.dumps(key)}]")).to_be_visible()
    expect(tab.locator("[data-waiting='']").first).to_have_text(str(before - 1))
    if following:
        expect(tab.locator(f"#{following} h2")).to_be_focused()
    else:
        expect(tab.locator("#all-decided")).to_be_visible()


def answer(route: Route, key: str) -> None:
    """As the product does, without deciding anything."""
    if route.request.method != "POST":
        route.continue_()
        return
    body = f'<div class="message" role="status" data-decided="{key}" data-kind="x">✓</div>'
    route.fulfill(status=200, content_type="text/html", body=body)
