"""The petitioner 信访人: a person or body, known by name and papers, or not at all."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField, blind_index
from petitions.identity import fold_key, phone_key
from petitions.masking import mask_address, mask_id, mask_name, mask_phone


def name_index(name: str) -> str:
    """The fingerprint by which a name is looked up."""
    return blind_index(fold_key(name), "petitioner.name")


def id_index(number: str) -> str:
    """The fingerprint by which an identity number is looked up."""
    return blind_index(fold_key(number), "petitioner.id_number")


def phone_index(phone: str) -> str:
    """The fingerprint by which a telephone number is looked up."""
    return blind_index(phone_key(phone), "petitioner.phone")


class Petitioner(models.Model):
    """Who files. Everything that names a person is encrypted; the indexes find equal values only.

    `sealed`: known from a sealed accusation only. Such a record is never matched with, nor
    changed by, other cases, so that nothing of the accuser shows elsewhere.
    """

    class Kind(models.TextChoices):
        # Translators: 公民
        PERSON = "PERSON", _("Person")
        # Translators: 法人或其他组织
        BODY = "BODY", _("Legal person or other organisation")

    class IdType(models.TextChoices):
        # Translators: 居民身份证
        RESIDENT = "RESIDENT", _("Resident identity card")
        # Translators: 护照
        PASSPORT = "PASSPORT", _("Passport")
        # Translators: 其他证件
        OTHER = "OTHER", _("Other paper")
        # Translators: 平台账号（未实名）
        ACCOUNT = "ACCOUNT", _("Account at a platform (no real name)")
        # Translators: 未提供
        NONE = "NONE", _("None given")

    class Sex(models.TextChoices):
        MALE = "M", _("Male")
        FEMALE = "F", _("Female")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.PERSON)
    name = EncryptedTextField(_("name"), blank=True)
    name_index = models.CharField(max_length=32, blank=True, editable=False)
    id_type = models.CharField(
        _("identity paper"), max_length=10, choices=IdType.choices, default=IdType.NONE
    )
    id_number = EncryptedTextField(_("identity number"), blank=True)
    id_index = models.CharField(max_length=32, blank=True, editable=False)
    phone = EncryptedTextField(_("telephone"), blank=True)
    phone_index = models.CharField(max_length=32, blank=True, editable=False)
    address = EncryptedTextField(_("address"), blank=True)
    area = models.ForeignKey(
        "agents.Area", models.PROTECT, null=True, blank=True, verbose_name=_("place of residence")
    )
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    sealed = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("petitioner")
        verbose_name_plural = _("petitioners")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name_index"], name="petitioner_name"),
            models.Index(fields=["phone_index"], name="petitioner_phone"),
            models.Index(fields=["id_index"], name="petitioner_id_number"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["id_index", "name_index"],
                condition=~Q(id_index="") & Q(sealed=False),
                name="petitioner_known_once",
            ),
            # Without a paper they are known by name and telephone; see `petitions.people`.
            models.UniqueConstraint(
                fields=["phone_index", "name_index"],
                condition=~Q(phone_index="") & ~Q(name_index="") & Q(id_index="", sealed=False),
                name="petitioner_phone_once",
            ),
            models.CheckConstraint(
                condition=Q(is_anonymous=False) | Q(name_index="", id_index=""),
                name="petitioner_anonymous_has_no_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name_masked

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the indexes true to what they index."""
        self.fill_indexes()
        if kwargs.get("update_fields") is not None:
            named = set(kwargs["update_fields"])
            kwargs["update_fields"] = named | {
                index for field, index in INDEXED.items() if field in named
            }
        super().save(*args, **kwargs)

    def fill_indexes(self) -> None:
        """Compute the lookup columns; whoever writes rows in bulk calls it first."""
        self.name_index = name_index(self.name)
        self.id_index = id_index(self.id_number)
        self.phone_index = phone_index(self.phone)

    @property
    def name_masked(self) -> str:
        """王*国, or the word for anonymous."""
        return mask_name(self.name) if self.name else str(_("Anonymous"))

    @property
    def id_masked(self) -> str:
        """110107********1234."""
        return mask_id(self.id_number)

    @property
    def phone_masked(self) -> str:
        """138****5678."""
        return mask_phone(self.phone)

    @property
    def address_masked(self) -> str:
        """The address down to the community, and no further."""
        return mask_address(self.address)

    @property
    def is_reachable(self) -> bool:
        """Whether there is any way to reach them: a telephone or an address."""
        return bool(self.phone or self.address)


INDEXED = {"name": "name_index", "id_number": "id_index", "phone": "phone_index"}
"""Each encrypted column that can be looked up, with the column of its fingerprint."""
