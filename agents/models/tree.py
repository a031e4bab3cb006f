"""Trees of any depth up to five: where a matter lies (Area) and what it is about (Category)."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models.stamp import DirectoryManager, DirectoryModel

MAX_LEVEL = 5


class Branch(DirectoryModel):
    """One node. `path` holds the ids from the root down to itself, "/1/5/9/": no recursion."""

    directory_fields: ClassVar[frozenset[str] | None] = None

    path = models.CharField(_("path"), max_length=120, editable=False, db_index=True, default="")
    level = models.PositiveSmallIntegerField(_("level"), editable=False)

    objects = DirectoryManager()

    class Meta:
        abstract = True

    # Each concrete tree declares its own.
    parent: Any

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stores the node where its parent is; what hangs below a moved node moves with it."""
        with transaction.atomic():
            above = self._place(lock=True)
            old_path, old_level = self.path, self._stored_level()
            super().save(*args, **kwargs)
            path = f"{above.path if above else '/'}{self.pk}/"
            if path != old_path:
                self._move(old_path, path, self.level - old_level)

    def clean(self) -> None:
        """Refuses a parent below this node, and a sixth level, its own or of those below."""
        super().clean()
        self._place()

    @property
    def path_ids(self) -> tuple[int, ...]:
        """The ids from the root down to this node, this one included."""
        return tuple(int(part) for part in self.path.split("/") if part)

    def subtree(self) -> models.QuerySet[Self]:
        """This node and all below it, in one query."""
        nodes: Any = type(self)._default_manager
        found: models.QuerySet[Self] = nodes.filter(path__startswith=self.path)
        return found

    def _place(self, *, lock: bool = False) -> Self | None:
        """Set the level below the parent, if the node and all below it can lie there.

        Returns the parent as it lies now: it may have been moved since it was read.
        """
        nodes: Any = type(self)._default_manager
        stored = nodes.filter(pk=self.pk).first() if self.pk else None
        above: Self | None = self.parent
        if stored and above:
            if lock and stored.parent_id != above.pk:
                # The whole tree: two moves at once could otherwise tie a knot.
                list(nodes.select_for_update(no_key=True).order_by("pk").values_list("pk"))
            above = nodes.filter(pk=above.pk).first() or above
        if above and self.pk in above.path_ids:
            raise ValidationError({"parent": _("A node cannot lie below itself.")})
        self.level = above.level + 1 if above else 1
        deeper_by = self.level - stored.level if stored else 0
        if self.level > MAX_LEVEL or (deeper_by > 0 and self._depth() + deeper_by > MAX_LEVEL):
            raise ValidationError({"parent": _("The tree has five levels at most.")})
        return above

    def _depth(self) -> int:
        """The level of the deepest node below this one, as stored."""
        deepest: int | None = self.subtree().aggregate(deepest=Max("level"))["deepest"]
        return deepest or 0

    def _stored_level(self) -> int:
        nodes = type(self)._default_manager
        return nodes.filter(pk=self.pk).values_list("level", flat=True).first() or self.level

    def _move(self, old_path: str, path: str, deeper_by: int) -> None:
        nodes = type(self)._default_manager
        nodes.filter(pk=self.pk).update(path=path)
        if old_path:
            below = nodes.filter(path__startswith=old_path).exclude(pk=self.pk)
            tail = Substr("path", len(old_path) + 1)
            below.update(path=Concat(Value(path), tail), level=F("level") + deeper_by)
        self.path = path


class Area(Branch):
    """A place by its official statistical code: province, city, district, street, community."""

    class Level(models.IntegerChoices):
        PROVINCE = 1, _("Province")
        CITY = 2, _("City")
        DISTRICT = 3, _("District")
        # Translators: 街道
        STREET = 4, _("Street")
        # Translators: 社区
        COMMUNITY = 5, _("Community")

    code = models.CharField(
        _("code"),
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^\d{12}$", _("An area code has twelve digits."))],
    )
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=100)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices, editable=False)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    # The statistics bureau's code: 111 is a city centre, 220 a village.
    urban_rural_type = models.CharField(_("urban or rural"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__range=(1, MAX_LEVEL)), name="area_level_1_to_5"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Category(Branch):
    """What a matter is about. Several schemes may live side by side; codes are theirs.

    The office files under those in use; those of other schemes are only there to be mapped.
    """

    PROPOSED = "proposed"

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=100)
    scheme = models.CharField(_("scheme"), max_length=40, default=PROPOSED)
    # Nothing shipped with the product is official: the city's tree is not public.
    is_official = models.BooleanField(_("official"), default=False)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["scheme", "code"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="category_code_once_a_scheme"),
            models.CheckConstraint(
                condition=models.Q(level__range=(1, MAX_LEVEL)), name="category_level_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """With all above it: 城乡建设 / 安全生产 / 事故处理. A query a level unless selected."""
        return f"{self.parent.full_name} / {self.name}" if self.parent else self.name

    def clean(self) -> None:
        """A category hangs below one of its own scheme, and so do those below it."""
        super().clean()
        if self.parent and self.parent.scheme != self.scheme:
            raise ValidationError({"parent": _("The parent belongs to another scheme.")})
        if self.pk and self.children.exclude(scheme=self.scheme).exists():
            raise ValidationError({"scheme": _("Categories of another scheme lie below this one.")})
