"""One product with demo cases and one browser for all tests here."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Scene, chromium
from tests.installation import DEMO, Installation, installed


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("browser"), cases=DEMO) as made:
        made.start("web", "worker", "beat")
        made.wait_until_ready()
        yield made


@pytest.fixture(scope="session")
def scene(installation: Installation) -> Scene:
    return Scene.of(installation)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
