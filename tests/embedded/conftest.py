"""One installation on SQLite and files for all tests here: each brings cases of its own."""

from collections.abc import Iterator

import pytest

from tests.installation import Installation, installed


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("embedded"), rules="check") as made:
        yield made
