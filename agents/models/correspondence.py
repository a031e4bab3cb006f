"""Trees of categories mapped onto each other (类目对照)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agents.models.cadre import Cadre
from agents.models.tree import Category


class Correspondence(models.Model):
    """`foreign`, a category of another scheme, means what `own` means in the office's tree.

    Proposed by the likeness of names, decided by a person. Only a confirmed one is used.
    """

    class Ground(models.TextChoices):
        """Why it was proposed."""

        # Translators: 名称相同
        EQUAL_NAME = "EQUAL_NAME", _("equal names")
        # Translators: 名称相近
        SIMILAR_NAME = "SIMILAR_NAME", _("similar names")
        # Translators: 人工指定
        BY_HAND = "BY_HAND", _("named by hand")

    class State(models.TextChoices):
        """Whether somebody has decided."""

        # Translators: 待确认
        PROPOSED = "PROPOSED", _("proposed")
        # Translators: 已确认
        CONFIRMED = "CONFIRMED", _("confirmed")
        # Translators: 已否决
        REFUSED = "REFUSED", _("refused")

    foreign = models.ForeignKey(
        Category,
        verbose_name=_("category of another scheme"),
        on_delete=models.CASCADE,
        related_name="own_ones",
    )
    own = models.ForeignKey(
        Category,
        verbose_name=_("category of the office"),
        on_delete=models.CASCADE,
        related_name="foreign_ones",
    )
    ground = models.CharField(
        _("ground"), max_length=16, choices=Ground.choices, default=Ground.BY_HAND
    )
    likeness = models.PositiveSmallIntegerField(_("likeness of the names, %"), default=0)
    state = models.CharField(
        _("decision"), max_length=12, choices=State.choices, default=State.PROPOSED
    )
    decided_by = models.ForeignKey(
        Cadre,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("correspondence of categories")
        verbose_name_plural = _("correspondences of categories")
        ordering = ["foreign__scheme", "foreign__code", "-likeness"]
        constraints = [
            models.UniqueConstraint(fields=["foreign", "own"], name="correspondence_once"),
            models.UniqueConstraint(
                fields=["foreign"],
                condition=models.Q(state="CONFIRMED"),
                name="correspondence_confirmed_once",
                violation_error_message=_(
                    "This category corresponds to another one of the office already."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.foreign} → {self.own}"

    def clean(self) -> None:
        """Leads from one scheme to a category in use of another."""
        super().clean()
        if self.foreign_id and self.own_id and self.foreign.scheme == self.own.scheme:
            raise ValidationError({"own": _("Both categories belong to one scheme.")})
        if self.own_id and not self.own.is_active:
            raise ValidationError({"own": _("The category is not in use.")})

    @property
    def reason(self) -> Any:
        """The ground as a sentence."""
        if self.ground == self.Ground.SIMILAR_NAME:
            return format_lazy(_("similar names ({percent} %)"), percent=self.likeness)
        return self.Ground(self.ground).label
