"""What was learnt in one test no other may know."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _own_data(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
