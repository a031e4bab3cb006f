"""An office that can register, and a place for its files."""

from pathlib import Path
from typing import Any

import pytest

from tests.cast import Cast


@pytest.fixture
def office(cast: Cast, settings: Any, tmp_path: Path) -> None:
    """The district of the cast; what is written at run time goes to a folder of the test."""
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a test puts the files it sends."""
    return tmp_path
