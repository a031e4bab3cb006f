"""Counting that two writers can't do twice: one statement takes the numbers, the row's lock does the rest."""

from django.db import connection

from workflow.models import Counter


def next_values(name: str, count: int = 1) -> range:
    """Take the next `count` numbers of the counter `name`, which begins at 1.

    Taken inside a transaction they are given back if it fails (gapless), but everybody else waits
    for its end: take them last where that matters, as for document numbers 文号.
    """
    if count < 1:
        return range(0)
    table = connection.ops.quote_name(Counter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {table} ("name", "last") VALUES (%s, %s) '
            f'ON CONFLICT ("name") DO UPDATE SET "last" = {table}."last" + excluded."last" '
            f'RETURNING "last"',
            [name, count],
        )
        [(last,)] = cursor.fetchall()
    return range(last - count + 1, last + 1)
