"""The cast on its stage: stored once for all tests that ask for it, not once a test.

Each test is a savepoint inside one transaction that holds the cast. Before a test that wants an
empty database, or one that commits, that transaction is rolled back; the next test that asks for
the cast opens another. What a process keeps of the cast in memory is as if just read: a test that
changes a rule or a trigger in bulk bumps the stamp, as the product does.
"""

from __future__ import annotations

import pickle

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from agents.directory import Directory
from tests.cast import Cast, build_cast
from workflow.terms import RuleBook

COMMITTING = {"transactional_db", "live_server", "django_db_reset_sequences"}


class Stage:
    """`ready`: there is a database. `set_up`: the cast stands in it, for whoever comes next."""

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self.blocker = blocker
        self._transaction: transaction.Atomic | None = None
        self._cast: bytes | None = None
        self._read: tuple[Directory, RuleBook] | None = None

    def prepare(self, item: pytest.Item) -> None:
        """Set up or clear away what the test needs; called before its fixtures."""
        with self.blocker.unblock():
            if not asks_for_the_cast(item):
                self.clear()
            elif self._cast is None:
                self._transaction = transaction.atomic()
                self._transaction.__enter__()
                cast = build_cast()
                self._cast = pickle.dumps((cast.people, cast.unit, cast.area, cast.category))
                self._read = Directory.current(), RuleBook.current()
            Directory._kept, RuleBook._kept = self._read or (None, None)

    def clear(self) -> None:
        """Take the cast out of the database."""
        if self._transaction is not None:
            transaction.set_rollback(True)
            self._transaction.__exit__(None, None, None)
        self._transaction = self._cast = self._read = None

    def cast(self) -> Cast:
        """People of the test's own, who may be changed in memory."""
        return Cast(*pickle.loads(self._cast)) if self._cast else build_cast()  # noqa: S301 - ours


def asks_for_the_cast(item: pytest.Item) -> bool:
    """Whether the test wants the cast in a transaction that is rolled back."""
    fixtures = set(getattr(item, "fixturenames", ()))
    marker = item.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction")) or bool(COMMITTING & fixtures)
    return "cast" in fixtures and not commits
