"""Numbers no two writers can both take: one statement reserves them, its row lock does the rest."""

from django.conf import settings
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
        cursor.execute(  # the only thing put into the text is the model's own table name
            f'INSERT INTO {table} ("name", "last") VALUES (%s, %s) '  # noqa: S608
            f'ON CONFLICT ("name") DO UPDATE SET "last" = {table}."last" + excluded."last" '
            f'RETURNING "last"',
            [name, count],
        )
        [(last,)] = cursor.fetchall()
    return range(last - count + 1, last + 1)


def document_number(kind: str, year: int, serial: int) -> str:
    """文号 of an issued paper; `kind` is its short character: 石信受〔2026〕12号."""
    return f"{settings.DOC_PREFIX}{kind}〔{year}〕{serial}号"
