"""Counters that two writers can't both read, and the numbers of papers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from workflow.numbering import document_number, next_values


@pytest.mark.django_db
def test_next_values_follow_each_other_from_one():
    assert list(next_values("a")) == [1]
    assert list(next_values("a", 3)) == [2, 3, 4]
    assert list(next_values("b")) == [1]


@pytest.mark.django_db
def test_next_values_of_none_takes_none():
    assert list(next_values("a", 0)) == []
    assert list(next_values("a")) == [1]


@pytest.mark.django_db
def test_next_values_taken_in_a_failed_transaction_come_again():
    with transaction.atomic():
        next_values("a", 5)
        transaction.set_rollback(True)

    assert list(next_values("a")) == [1]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_next_values_taken_by_eight_at_once_are_all_different():
    def take(_writer: int) -> list[int]:
        try:
            return [value for _turn in range(25) for value in next_values("a", 2)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as writers:
        taken = [value for values in writers.map(take, range(8)) for value in values]

    assert sorted(taken) == list(range(1, 401))


def test_document_number_is_the_official_form(settings):
    settings.DOC_PREFIX = "石信"

    assert document_number("受", 2026, 12) == "石信受〔2026〕12号"
