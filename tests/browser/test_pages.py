"""Every main page in both languages: fits its screens, speaks one language, loads in peace."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.browser.chromium import OPEN_ALL, Opened, Scene, visited, window
from tests.browser.pages import DESK, PAGES, PHONE, Page
from tests.browser.words import Words
from tests.installation import Installation

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def words(scene: Scene) -> Words:
    return Words(scene.texts)


class Examined:
    """The pages in one language. Two classes, as a class is what one process of the run takes."""

    language = ""
    #: Barriers lie in the markup, which both languages share: they are looked for in one.
    tells_barriers = False

    @pytest.fixture(scope="class")
    @classmethod
    def tab(cls, chrome: Browser, installation: Installation) -> Iterator[Tab]:
        with window(chrome, installation.address, cls.language) as one:
            yield one

    @pytest.fixture
    def shown(
        self, page: Page, tab: Tab, installation: Installation, scene: Scene
    ) -> Iterator[Opened]:
        Opened(tab).resize(DESK)
        with visited(tab, installation.address, page, scene, self.language) as one:
            yield one

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_page_is_in_order(self, page: Page, shown: Opened, words: Words) -> None:
        wrong = {"console": shown.complaints}
        if page.ours:
            wrong["barriers"] = shown.barriers() if self.tells_barriers else []
            shown.tab.evaluate(OPEN_ALL)
            wrong["overflow at a desk"] = shown.overflow()
            wrong["other language"] = words.strange(shown.texts(), self.language)
            shown.resize(PHONE)
            wrong["overflow on a telephone"] = shown.overflow()

        assert not any(wrong.values()), {key: value for key, value in wrong.items() if value}


class TestChinese(Examined):
    language = "zh"
    tells_barriers = True


class TestEnglish(Examined):
    language = "en"
