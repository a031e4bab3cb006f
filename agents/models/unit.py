"""Units: the district, its petition office, departments, streets, communities, sections."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models.stamp import DirectoryManager, DirectoryModel
from agents.models.tree import Area
from agents.signals import unit_moved

MAX_DEPTH = 3


class Unit(DirectoryModel):
    """A unit that answers for cases, three levels deep.

    `l1`, `l2`, `l3` are the ids of its ancestors or itself at each depth (0: none), kept so that
    "this unit and all below" is one equality on one column. Cases carry the same three columns.
    """

    class Kind(models.TextChoices):
        DISTRICT = "district", _("District")
        # Translators: 信访部门
        OFFICE = "office", _("Petition office")
        # Translators: 职能部门
        DEPARTMENT = "department", _("Department")
        STREET = "street", _("Street office")
        COMMUNITY = "community", _("Community")
        # Translators: 科室
        SECTION = "section", _("Section")
        # Translators: 纪检监察机关
        DISCIPLINE = "discipline", _("Discipline inspection")
        # Translators: 抽查组
        SAMPLING = "sampling", _("Sampling body")
        # Translators: 复查复核机构
        REVIEW = "review", _("Review office")

    directory_fields: ClassVar[frozenset[str] | None] = None

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    depth = models.PositiveSmallIntegerField(_("depth"), default=1, editable=False)
    l1 = models.PositiveIntegerField(default=0, editable=False)
    l2 = models.PositiveIntegerField(default=0, editable=False)
    l3 = models.PositiveIntegerField(default=0, editable=False)
    oversees = models.ForeignKey(
        "self",
        # Translators: 管辖范围
        verbose_name=_("oversees"),
        help_text=_("Whose cases its staff may see, when not only its own."),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="overseers",
    )
    area = models.ForeignKey(
        Area,
        verbose_name=_("area"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="units",
    )
    is_last_resort = models.BooleanField(
        # Translators: 区级兜底
        _("last resort"),
        default=False,
        help_text=_("Takes what nobody else is in charge of. One unit at most."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = DirectoryManager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_last_resort"],
                condition=Q(is_last_resort=True),
                name="unit_last_resort_once",
                violation_error_message=_("Another unit is the last resort already."),
            ),
            models.CheckConstraint(
                condition=Q(depth__range=(1, MAX_DEPTH)), name="unit_depth_1_to_3"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> tuple[int, int, int]:
        """Its ancestors' and its own ids at depths 1, 2, 3; 0 where it does not reach."""
        return (self.l1, self.l2, self.l3)

    @property
    def scope(self) -> "Unit":
        """The unit whose cases, with all below, its staff may see."""
        return self.oversees or self

    def clean(self) -> None:
        """Refuses a parent below itself, and a fourth level, its own or of those below it."""
        super().clean()
        self._take_place(_tree())

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stores the unit and its path; those below a moved one follow, and `unit_moved` is sent.

        Raises ValidationError at `parent`, like `clean`.
        """
        fields = kwargs.get("update_fields")
        if fields is not None and not {"parent", "parent_id"} & set(fields):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            # The whole tree: two moves at once could otherwise tie a knot.
            tree = _tree(lock=True)
            stored = tree.get(self.pk)
            self._take_place(tree)
            super().save(*args, **kwargs)
            self._store_paths(tree)
            if stored and (stored.depth, *stored.path) != (self.depth, *self.path):
                unit_moved.send(sender=Unit, unit=self, former_depth=stored.depth)

    def _take_place(self, tree: "Tree") -> None:
        """Set the depth below the parent, if it and all below it can lie there."""
        parent = tree.get(self.parent_id or 0)
        if parent and self.pk and self.pk in parent.path:
            raise ValidationError({"parent": _("A unit cannot lie below itself.")})
        self.depth = parent.depth + 1 if parent else 1
        if self.depth > MAX_DEPTH:
            raise ValidationError({"parent": _("Units lie three levels deep at most.")})
        stored = tree.get(self.pk)
        below = max((unit.depth for unit in self._below(tree)), default=0)
        if stored and below - stored.depth + self.depth > MAX_DEPTH:
            raise ValidationError(
                {"parent": _("Units lie three levels deep at most, and units lie below this one.")}
            )

    def _below(self, tree: "Tree") -> list["Unit"]:
        return [unit for unit in tree.values() if self.pk in unit.path and unit.pk != self.pk]

    def _store_paths(self, tree: "Tree") -> None:
        """Write the path of this unit and of all below it, upper ones first."""
        followers = sorted(self._below(tree), key=lambda unit: unit.depth)
        placed: Tree = {**tree, self.pk: self}
        for unit in (self, *followers):
            parent = placed.get(unit.parent_id or 0)
            path = [*parent.path] if parent else [0, 0, 0]
            unit.depth = parent.depth + 1 if parent else 1
            path[unit.depth - 1] = unit.pk
            path[unit.depth :] = [0] * (MAX_DEPTH - unit.depth)
            unit.l1, unit.l2, unit.l3 = path
        Unit.objects.bulk_update([self, *followers], ["depth", "l1", "l2", "l3"])


Tree = dict[int, Unit]


def _tree(*, lock: bool = False) -> Tree:
    """Every unit's place, by id; an office has some hundred."""
    units = Unit.objects.order_by("pk").only("parent", "depth", "l1", "l2", "l3")
    return {unit.pk: unit for unit in (units.select_for_update(no_key=True) if lock else units)}
