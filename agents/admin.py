"""Administration of reference data, by role. No case and nothing of a case is registered here."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.languages import Language
from agents.models import (
    Absence,
    Area,
    Cadre,
    Category,
    Charge,
    Correspondence,
    RoleGrant,
    Station,
    Team,
    Unit,
)
from agents.roles import ADMIN_ROLES, STAFF_ROLES, Role
from agents.signals import cadre_leaving, unit_closing

# Rights come from roles (RoleGrant); Django's own groups have no part in them.
admin.site.unregister(Group)
admin.site.site_title = _("Xinfang Agency")
admin.site.site_header = admin.site.index_title = _("Reference data")


PICKED_IN_USE = frozenset({"category", "own"})
"""Fields for which only a category in use will do."""


class ByRole(admin.ModelAdmin):
    """System and security administrators read; those with a role in `editors` change."""

    editors: ClassVar[frozenset[str]] = frozenset({Role.SYSTEM_ADMIN})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _holds(request, STAFF_ROLES)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _holds(request, self.editors)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _holds(request, self.editors)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _holds(request, self.editors)


def _holds(request: HttpRequest, roles: frozenset[str]) -> bool:
    user = request.user
    return isinstance(user, Cadre) and user.is_active and not roles.isdisjoint(user.role_set)


@admin.register(Area)
class AreaAdmin(ByRole):
    list_display = ("code", "name", "level", "parent")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)


@admin.register(Category)
class CategoryAdmin(ByRole):
    list_display = ("code", "name", "level", "parent", "scheme", "is_official", "is_active")
    list_filter = ("scheme", "level", "is_official", "is_active")
    list_select_related = ("parent",)
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Category], search_term: str
    ) -> tuple[QuerySet[Category], bool]:
        """Who picks one for a charge or as the office's own is offered those in use alone."""
        found, is_doubled = super().get_search_results(request, queryset, search_term)
        if request.GET.get("field_name") in PICKED_IN_USE:
            found = found.filter(is_active=True)
        return found, is_doubled


@admin.register(Correspondence)
class CorrespondenceAdmin(ByRole):
    """Which category of another scheme is which of the office's: proposals, decided here."""

    list_display = (
        "foreign_name", "scheme", "own_name", "reason", "state", "decided_by", "decided_at",
    )  # fmt: skip
    list_filter = ("state", "ground", "foreign__scheme")
    list_select_related = (
        "decided_by",
        "foreign__parent__parent__parent__parent",
        "own__parent__parent__parent__parent",
    )  # fmt: skip
    search_fields = ("foreign__name", "foreign__code", "own__name", "own__code")
    autocomplete_fields = ("foreign", "own")
    readonly_fields = ("ground", "likeness", "decided_by", "decided_at")
    actions = ("confirm", "refuse")

    @admin.display(description=_("category of another scheme"), ordering="foreign__code")
    def foreign_name(self, row: Correspondence) -> str:
        """With all above it."""
        return row.foreign.full_name

    @admin.display(description=_("scheme"), ordering="foreign__scheme")
    def scheme(self, row: Correspondence) -> str:
        """Whose the foreign category is."""
        return row.foreign.scheme

    @admin.display(description=_("category of the office"), ordering="own__code")
    def own_name(self, row: Correspondence) -> str:
        """With all above it."""
        return row.own.full_name

    @admin.display(description=_("ground"), ordering="-likeness")
    def reason(self, row: Correspondence) -> Any:
        """Why it was proposed."""
        return row.reason

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever sets the decision here has decided."""
        if "state" in form.changed_data or not change:
            _decide(obj, obj.state, request)
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Confirm the chosen proposals"), permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Correspondence]) -> None:
        """One a category: the second of two chosen ones stays as it was, and is told."""
        for row in queryset.select_related("foreign", "own"):
            _decide(row, Correspondence.State.CONFIRMED, request)
            try:
                row.full_clean()
            except ValidationError as refused:
                self.message_user(request, f"{row}: {' '.join(refused.messages)}", messages.WARNING)
            else:
                row.save()

    @admin.action(description=_("Refuse the chosen proposals"), permissions=["change"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Correspondence]) -> None:
        """They are not proposed again."""
        for row in queryset:
            _decide(row, Correspondence.State.REFUSED, request)
            row.save()


def _decide(row: Correspondence, state: str, request: HttpRequest) -> None:
    decided = state != Correspondence.State.PROPOSED
    row.state = state
    row.decided_by = request.user if decided and isinstance(request.user, Cadre) else None
    row.decided_at = timezone.now() if decided else None


@admin.register(Unit)
class UnitAdmin(ByRole):
    list_display = ("code", "name", "kind", "parent", "oversees", "is_last_resort", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("parent", "oversees")
    search_fields = ("code", "name")
    autocomplete_fields = ("parent", "oversees", "area")

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            for _receiver, sentence in unit_closing.send(sender=Unit, unit=obj):
                if sentence:
                    messages.warning(request, sentence)


@admin.register(Station)
class StationAdmin(ByRole):
    """Agency centre, stations and points; the public page lists those in use."""

    list_display = ("name", "kind", "unit", "area", "phone", "hours", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("unit", "area")
    search_fields = ("name", "unit__name", "area__name", "address")
    autocomplete_fields = ("unit", "area")


class Dated(ByRole):
    """What is dated is added here and read; it changes from a day on, on the units' own pages."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Charge)
class ChargeAdmin(Dated):
    list_display = ("unit", "cadre", "team", "category", "area", "valid_from", "valid_to")
    list_filter = ("unit__kind", "valid_from")
    list_select_related = ("unit", "cadre", "team", "category", "area")
    search_fields = ("unit__name", "cadre__name", "team__name", "category__name", "area__name")
    autocomplete_fields = ("unit", "cadre", "team", "category", "area")


@admin.register(Team)
class TeamAdmin(Dated):
    list_display = ("name", "kind", "unit")
    list_filter = ("kind",)
    list_select_related = ("unit",)
    search_fields = ("name", "unit__name")
    autocomplete_fields = ("unit",)


@admin.register(Absence)
class AbsenceAdmin(ByRole):
    list_display = ("cadre", "stand_in", "starts_on", "ends_on", "reason", "ended_at")
    list_select_related = ("cadre", "stand_in")
    search_fields = ("cadre__name", "stand_in__name")
    autocomplete_fields = ("cadre", "stand_in")


@admin.register(RoleGrant)
class RoleGrantAdmin(ByRole):
    """Who may do what is the security administrator's alone, and never for themselves."""

    editors: ClassVar[frozenset[str]] = frozenset({Role.SECURITY_ADMIN})
    list_display = ("cadre", "role")
    list_filter = ("role",)
    list_select_related = ("cadre",)
    search_fields = ("cadre__name", "cadre__username")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role is granted or taken away, never turned into another."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        own = obj is not None and obj.cadre_id == request.user.pk
        return not own and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No taking away by the handful: each is a decision of its own."""
        return {}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "cadre":
            kwargs["queryset"] = Cadre.objects.filter(is_active=True).exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class CadreForm(UserChangeForm):
    """An account; it is not switched off while there are cases that nobody else holds."""

    def clean_is_active(self) -> bool:
        """Refuses to switch off whoever still holds something, with what to do about it."""
        is_active: bool = self.cleaned_data["is_active"]
        if not is_active and self.instance.is_active and self.instance.pk:
            told = cadre_leaving.send(sender=Cadre, cadre=self.instance)
            if sentences := [sentence for _receiver, sentence in told if sentence]:
                raise ValidationError(sentences)
        return is_active


@admin.register(Cadre)
class CadreAdmin(ByRole, UserAdmin):
    """Accounts. A leaver is switched off, never deleted: the record still names them."""

    form = CadreForm
    list_display = ("username", "name", "unit", "title", "is_active")
    list_filter = ("is_active", "role_grants__role")
    list_select_related = ("unit",)
    search_fields = ("username", "name", "unit__name")
    ordering = ("username",)
    autocomplete_fields = ("unit",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            _("Personal details"),
            {"fields": ("name", "title", "unit", "phone", "email", "languages")},
        ),
        (_("Account"), {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "name", "title", "unit", "password1", "password2"),
            },
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Another administrator's account is out of reach: its password would be their rights."""
        other_admin = (
            obj is not None
            and obj.pk != request.user.pk
            and not ADMIN_ROLES.isdisjoint(obj.role_set)
        )
        return not other_admin and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "languages":
            return forms.MultipleChoiceField(
                label=db_field.verbose_name,
                choices=Language.choices,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cadre]:
        return super().get_queryset(request).prefetch_related("role_grants")
