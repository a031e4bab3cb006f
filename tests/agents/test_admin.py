"""The administration of reference data: who may do what there."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from agents.models import Cadre, RoleGrant
from agents.roles import Role
from tests.factories import AbsenceFactory, CadreFactory, ChargeFactory

pytestmark = pytest.mark.django_db

AGENTS = [model for model in admin.site._registry if model._meta.app_label == "agents"]


def entered(client: Client, *roles: Role) -> Cadre:
    cadre = CadreFactory(unit=None, roles=roles)
    client.force_login(cadre)
    return cadre


@pytest.mark.parametrize("model", AGENTS)
def test_admin_list_is_shown_to_the_system_administrator(client: Client, model: type) -> None:
    ChargeFactory()
    AbsenceFactory()
    entered(client, Role.SYSTEM_ADMIN)

    url = reverse(f"admin:agents_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEADER, Role.AUDITOR])
def test_admin_is_closed_to_other_roles(client: Client, role: Role) -> None:
    entered(client, role)

    assert client.get(reverse("admin:agents_unit_changelist")).status_code == 302


def test_admin_is_of_no_use_to_a_superuser_without_a_role(client: Client) -> None:
    client.force_login(Cadre.objects.create_superuser("root", password="x"))

    assert client.get(reverse("admin:agents_unit_changelist")).status_code == 403


def test_admin_registers_nothing_of_a_case() -> None:
    assert "petitions" not in {model._meta.app_label for model in admin.site._registry}


def test_admin_account_made_by_the_system_administrator_can_sign_in(client: Client) -> None:
    entered(client, Role.SYSTEM_ADMIN)
    form = {"username": "new", "name": "新人", "password1": "Kx9!mmpq7", "password2": "Kx9!mmpq7"}
    client.post(reverse("admin:agents_cadre_add"), {**form, "usable_password": "true"})

    assert Cadre.objects.get(username="new").check_password("Kx9!mmpq7")


def test_admin_account_page_offers_no_superuser_switch(client: Client) -> None:
    entered(client, Role.SYSTEM_ADMIN)
    page = client.get(reverse("admin:agents_cadre_change", args=[CadreFactory().pk]))

    assert b"is_superuser" not in page.content
    assert b"user_permissions" not in page.content


def test_admin_password_of_another_administrator_is_out_of_reach(client: Client) -> None:
    other = CadreFactory(roles=[Role.SECURITY_ADMIN])
    entered(client, Role.SYSTEM_ADMIN)

    url = reverse("admin:auth_user_password_change", args=[other.pk])
    assert client.get(url).status_code == 403


@pytest.mark.parametrize(("role", "status"), [(Role.SECURITY_ADMIN, 200), (Role.SYSTEM_ADMIN, 403)])
def test_admin_roles_are_granted_by_the_security_administrator_only(
    client: Client, role: Role, status: int
) -> None:
    entered(client, role)

    assert client.get(reverse("admin:agents_rolegrant_add")).status_code == status


def test_admin_role_for_oneself_is_refused(client: Client) -> None:
    own = entered(client, Role.SECURITY_ADMIN)
    client.post(reverse("admin:agents_rolegrant_add"), {"cadre": own.pk, "role": "clerk"})

    assert own.role_grants.count() == 1


def test_admin_second_role_for_an_auditor_is_refused_at_its_field(client: Client) -> None:
    auditor = CadreFactory(roles=[Role.AUDITOR])
    entered(client, Role.SECURITY_ADMIN)
    url = reverse("admin:agents_rolegrant_add")
    page = client.post(url, {"cadre": auditor.pk, "role": "clerk"})

    assert "role" in page.context["adminform"].form.errors
    assert RoleGrant.objects.filter(cadre=auditor).count() == 1


def test_admin_charge_is_read_there_and_changed_elsewhere(client: Client) -> None:
    charge = ChargeFactory()
    entered(client, Role.SYSTEM_ADMIN)

    urls = [reverse(f"admin:agents_charge_{act}", args=[charge.pk]) for act in ("change", "delete")]
    assert [client.post(url, {}).status_code for url in urls] == [403, 403]


def test_admin_languages_of_a_cadre_are_marked(client: Client) -> None:
    cadre = CadreFactory()
    entered(client, Role.SYSTEM_ADMIN)
    form = {"username": cadre.username, "name": "新人", "languages": ["csl"], "is_active": "on"}
    client.post(reverse("admin:agents_cadre_change", args=[cadre.pk]), form)

    cadre.refresh_from_db()
    assert (cadre.name, cadre.languages) == ("新人", ["csl"])
