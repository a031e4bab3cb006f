"""Versions of what processes keep in memory: who is who, the rules, the calendar."""

import secrets
from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DIRECTORY = "directory"


class Stamp(models.Model):
    """One row a kept thing. A process that finds another version than its own reads anew."""

    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=20, primary_key=True)
    version = models.BigIntegerField(_("version"))

    class Meta:
        verbose_name = _("stamp")
        verbose_name_plural = _("stamps")

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @staticmethod
    def bump(name: str) -> None:
        """Give `name` a new version; call it in the transaction of the change itself.

        Versions are random, not counted: a number used in a transaction that was rolled back
        must never come again with other contents. Compare them for equality only.
        """
        stamp = Stamp(name=name, version=secrets.randbits(62) + 1)
        Stamp.objects.bulk_create(
            [stamp], update_conflicts=True, unique_fields=["name"], update_fields=["version"]
        )

    @classmethod
    def versions(cls) -> dict[str, int]:
        """All versions in one query; a name never bumped is missing."""
        with connection.cursor() as cursor:  # asked with every request: the making of it shows
            cursor.execute('SELECT "name", "version" FROM "agents_stamp"')
            return dict(cursor.fetchall())


class AllStamps(models.Func):
    """`Stamp.versions()` as a column of another query: who asks is read together with them."""

    arity = 0
    output_field = models.JSONField()

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_context: Any
    ) -> tuple[str, list[Any]]:
        """One scalar subquery; NULL before the first stamp."""
        gather = "JSONB_OBJECT_AGG" if connection.vendor == "postgresql" else "JSON_GROUP_OBJECT"
        table = connection.ops.quote_name(Stamp._meta.db_table)
        return f'(SELECT {gather}("name", "version") FROM {table})', []  # noqa: S608 - own names


class DirectoryQuerySet(models.QuerySet[Any]):
    """Bulk changes to a model of the directory: they too make every process read anew."""

    def update(self, **kwargs: Any) -> int:
        with transaction.atomic(using=self.db):
            if self.model.concerns_directory(kwargs):
                Stamp.bump(DIRECTORY)
            return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db):
            Stamp.bump(DIRECTORY)
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        with transaction.atomic(using=self.db):
            Stamp.bump(DIRECTORY)
            return super().bulk_create(objs, *args, **kwargs)

    bulk_create.alters_data = True  # type: ignore[attr-defined]


DirectoryManager = models.Manager.from_queryset(DirectoryQuerySet)


class DirectoryModel(models.Model):
    """Base of what the directory is made of. Saving or deleting one changes its stamp.

    Each takes `DirectoryManager`, so that changes in bulk do the same.
    """

    # The columns the directory reads; None: every one.
    directory_fields: ClassVar[frozenset[str] | None] = None

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            if self.concerns_directory(kwargs.get("update_fields")):
                Stamp.bump(DIRECTORY)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            Stamp.bump(DIRECTORY)
            return super().delete(*args, **kwargs)

    @classmethod
    def concerns_directory(cls, names: Collection[str] | None) -> bool:
        """Do the columns `names` (None: all) show in the directory? Signing in, say, does not."""
        if names is None or cls.directory_fields is None:
            return True
        return not cls.directory_fields.isdisjoint(name.removesuffix("_id") for name in names)
