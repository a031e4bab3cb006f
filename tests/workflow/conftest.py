"""Fixtures of the machine's tests."""

from typing import Any

import pytest
from django.db import connection

from workflow import engine


def _refuse(*_args: Any) -> None:
    raise AssertionError("plan asked the database")


@pytest.fixture
def pure_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any query inside `engine.plan` fail: the rule is judged in memory."""
    plan = engine.plan

    def watched(*args: Any, **kwargs: Any) -> engine.Effects:
        with connection.execute_wrapper(_refuse):
            return plan(*args, **kwargs)

    monkeypatch.setattr(engine, "plan", watched)
