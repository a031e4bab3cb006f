"""Cadres, who are the user accounts, and the roles they hold."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField
from agents.models.stamp import DirectoryManager, DirectoryModel, DirectoryQuerySet
from agents.models.unit import Unit
from agents.roles import ADMIN_ROLES, STAFF_ROLES, Role


class CadreManager(UserManager.from_queryset(DirectoryQuerySet)):  # type: ignore[misc]
    """Django's manager of users; its bulk changes reach the directory."""

    use_in_migrations = False


class Cadre(DirectoryModel, AbstractUser):
    """A cadre (干部) and their account. Leavers are switched off, never deleted."""

    directory_fields: ClassVar[frozenset[str] | None] = frozenset(
        {"name", "unit", "is_active", "email", "phone", "notice_channels", "languages"}
    )

    # A Chinese name is one name.
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=50)
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cadres",
    )
    # Translators: 职务
    title = models.CharField(_("post"), max_length=50, blank=True)
    phone = EncryptedTextField(_("phone"), blank=True)
    #: Of messages that leave the system; "": the office's own language.
    language = models.CharField(_("language of messages"), max_length=10, blank=True)
    #: Codes of `Language` beside standard Chinese, for petitioners who need one.
    languages = models.JSONField(_("languages spoken"), default=list, blank=True)
    #: Kind of notice -> names of the channels that bring it; None: as the office does it.
    notice_channels = models.JSONField(_("ways of notices"), null=True, blank=True)
    #: When they last looked at what waits for their decision, and at the time before that.
    looked_at = models.DateTimeField(null=True, editable=False)
    looked_before = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[CadreManager] = CadreManager()

    class Meta:
        # Translators: 干部
        verbose_name = _("cadre")
        verbose_name_plural = _("cadres")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """Their name as people say it."""
        return str(self)

    def get_short_name(self) -> str:
        """The same: nobody is addressed by half a name."""
        return str(self)

    @cached_property
    def role_set(self) -> frozenset[str]:
        """The values of the roles held, read once for this object."""
        return frozenset(self.role_grants.values_list("role", flat=True))

    def grant(self, *roles: str) -> None:
        """Give them `roles`; those held stay. ValidationError on a forbidden pair (三员分立)."""
        with transaction.atomic():
            for role in roles:
                grant = RoleGrant(cadre=self, role=Role(role).value)
                if not RoleGrant.objects.filter(cadre=self, role=role).exists():
                    grant.clean()
                    grant.save()


class RoleGrant(DirectoryModel):
    """One role of one cadre. The three administrators hold theirs and nothing else (三员分立)."""

    directory_fields: ClassVar[frozenset[str] | None] = None

    cadre = models.ForeignKey(
        Cadre, verbose_name=_("cadre"), on_delete=models.CASCADE, related_name="role_grants"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    objects = DirectoryManager()

    class Meta:
        verbose_name = _("role granted")
        verbose_name_plural = _("roles granted")
        ordering = ["cadre", "role"]
        constraints = [
            models.UniqueConstraint(fields=["cadre", "role"], name="rolegrant_once"),
            models.UniqueConstraint(
                fields=["cadre"],
                condition=Q(role__in=sorted(ADMIN_ROLES)),
                name="rolegrant_one_admin_role",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="rolegrant_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre}: {self.get_role_display()}"

    def clean(self) -> None:
        """An administrator's role stands alone: who runs or audits the system sees no cases."""
        super().clean()
        others = RoleGrant.objects.filter(cadre=self.cadre_id).exclude(pk=self.pk)
        held = set(others.values_list("role", flat=True))
        if held and not ADMIN_ROLES.isdisjoint(held | {self.role}):
            raise ValidationError(
                {"role": _("An administrator or auditor holds that one role and no other.")}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self._show_to(self.cadre)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        done = super().delete(*args, **kwargs)
        self._show_to(self.cadre)
        return done

    @staticmethod
    def _show_to(cadre: Cadre) -> None:
        """Only system and security administrators may enter the administration of data."""
        cadre.__dict__.pop("role_set", None)
        is_staff = not STAFF_ROLES.isdisjoint(cadre.role_set)
        if cadre.is_staff != is_staff:
            cadre.is_staff = is_staff
            cadre.save(update_fields=["is_staff"])
