"""Every main page in both languages: fits its screens, speaks one language, loads in peace."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import OPEN_ALL, Opened, Scene, opened
from tests.browser.pages import PAGES, PHONE, Page
from tests.browser.words import Words
from tests.installation import Installation

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def words(scene: Scene) -> Words:
    return Words(scene.texts)


class Examined:
    """The pages in one language. Two classes, as a class is what one process of the run takes."""

    language = ""

    @pytest.fixture
    def shown(
        self, page: Page, chrome: Browser, installation: Installation, scene: Scene
    ) -> Iterator[Opened]:
        with opened(chrome, installation.address, page, scene, self.language) as one:
            yield one

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_page_is_in_order(self, page: Page, shown: Opened, words: Words) -> None:
        wrong = {"console": shown.complaints}
        if page.ours:
            wrong["barriers"] = shown.barriers()
            shown.tab.evaluate(OPEN_ALL)
            wrong["overflow at a desk"] = shown.overflow()
            wrong["other language"] = words.strange(shown.texts(), self.language)
            shown.resize(PHONE)
            wrong["overflow on a telephone"] = shown.overflow()

        assert not any(wrong.values()), {key: value for key, value in wrong.items() if value}


class TestChinese(Examined):
    language = "zh"


class TestEnglish(Examined):
    language = "en"
