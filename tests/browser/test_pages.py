"""Every main page in both languages: fits its screens, speaks one language, loads in peace."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import OPEN_ALL, Opened, Scene, opened
from tests.browser.pages import LANGUAGES, PAGES, PHONE, Page
from tests.browser.words import Words
from tests.installation import Installation

pytestmark = pytest.mark.browser

EACH = [(page, language) for page in PAGES for language in LANGUAGES]


@pytest.fixture(scope="session")
def words(scene: Scene) -> Words:
    return Words(scene.texts)


@pytest.fixture(params=EACH, ids=[f"{page.name}-{language}" for page, language in EACH])
def shown(
    request: pytest.FixtureRequest, chrome: Browser, installation: Installation, scene: Scene
) -> Iterator[tuple[Page, str, Opened]]:
    """A page, the language it is read in, and the tab it is open in."""
    page, language = request.param
    with opened(chrome, installation.address, page, scene, language) as one:
        yield page, language, one


def test_page_is_in_order(shown: tuple[Page, str, Opened], words: Words) -> None:
    page, language, one = shown
    wrong = {"console": one.complaints}
    if page.ours:
        wrong["barriers"] = one.barriers()
        one.tab.evaluate(OPEN_ALL)
        wrong["overflow at a desk"] = one.overflow()
        wrong["other language"] = words.strange(one.texts(), language)
        one.resize(PHONE)
        wrong["overflow on a telephone"] = one.overflow()

    assert not any(wrong.values()), {key: value for key, value in wrong.items() if value}
