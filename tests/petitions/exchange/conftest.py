"""An office that can register, and a place for its files."""

from pathlib import Path
from typing import Any

import pytest

from tests.cast import build_cast


@pytest.fixture
def office(db: None, settings: Any, tmp_path: Path) -> None:
    """The district of the cast; what is written at run time goes to a folder of the test."""
    settings.DATA_DIR = tmp_path / "data"
    build_cast()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a test puts the files it sends."""
    return tmp_path
