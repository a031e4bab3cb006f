"""Where everything is kept: the disk and the database."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from petitions.operations.check import GREEN, RED, YELLOW, Check, check, lamp, size

GB = 1024**3
LOW, TOO_LOW = (0.15, 5 * GB), (0.05, 1 * GB)
"""Free part of the disk, and free bytes: below both yellow, below both red."""
CROWDED, FULL = 0.75, 0.9
"""Part of PostgreSQL's connections in use."""


def checks() -> list[Check]:
    """The disk under DATA_DIR, the database's size, and its connections where it counts them."""
    return [_disk(), *(_postgresql() if connection.vendor == "postgresql" else _sqlite())]


def _disk() -> Check:
    usage = shutil.disk_usage(settings.DATA_DIR)
    free = usage.free / usage.total

    def below(limit: tuple[float, int]) -> bool:
        return free < limit[0] and usage.free < limit[1]

    colour = RED if below(TOO_LOW) else YELLOW if below(LOW) else GREEN
    words = {"free": size(usage.free), "part": f"{free:.0%}"}
    return check(
        "disk",
        _("Disk of the data directory"),
        colour,
        _("%(free)s free (%(part)s)") % words,
        _("Make room: old logs and backups first. On a full disk nothing can be registered."),
        disk_free_bytes=usage.free,
        disk_total_bytes=usage.total,
    )


def _postgresql() -> list[Check]:
    """Both figures are kept by the server: nothing is counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), SUM(numbackends),"
            " current_setting('max_connections')::int FROM pg_stat_database"
        )
        taken, used, most = cursor.fetchone()
    return [
        check("database", _("Database"), GREEN, f"PostgreSQL, {size(taken)}", database_bytes=taken),
        check(
            "connections",
            _("Connections to the database"),
            lamp(int(used) / most, CROWDED, FULL),
            _("%(used)d of %(most)d") % {"used": used, "most": most},
            _("Raise max_connections, or start fewer processes."),
            database_connections=int(used),
            database_connections_most=most,
        ),
    ]


def _sqlite() -> list[Check]:
    name = Path(str(settings.DATABASES["default"]["NAME"]))
    paths = (name, name.with_name(f"{name.name}-wal"))
    taken = sum(path.stat().st_size for path in paths if path.exists())
    return [check("database", _("Database"), GREEN, f"SQLite, {size(taken)}", database_bytes=taken)]
