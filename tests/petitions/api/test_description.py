"""The API describes itself, from the declaration and the forms."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from petitions.api.petitioner import OWN_STEPS
from petitions.forms import FORMS
from petitions.forms.handling import AnswersForm
from workflow.steps import STEPS, State

DOABLE = [name for name, step in STEPS.items() if step.sources != (State.NEW,)]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The whole description."""
    description: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return description


def test_description_is_valid_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)

    assert capsys.readouterr().out.startswith("openapi: 3")


@pytest.mark.parametrize("name", DOABLE)
def test_step_is_described_with_who_and_when_not(name: str, described: dict[str, Any]) -> None:
    step = described["paths"][f"/api/v1/cases/{{number}}/do/{name}/"]["post"]

    assert step["operationId"] == f"do_{name}"
    assert STEPS[name].doc in step["description"]
    assert {"200", "400", "403", "404", "409"} <= set(step["responses"])
    assert ("202" in step["responses"]) == (STEPS[name].asks is not None)


@pytest.mark.parametrize("name", FORMS)
def test_body_of_a_step_is_its_form(name: str, described: dict[str, Any]) -> None:
    step = described["paths"][f"/api/v1/cases/{{number}}/do/{name}/"]["post"]
    content = step["requestBody"]["content"]
    encoding = "multipart/form-data" if "files" in FORMS[name].base_fields else "application/json"

    shape = content[encoding]["schema"]["$ref"].rpartition("/")[2]

    extra = {"seen"} | ({"answers"} if issubclass(FORMS[name], AnswersForm) else set())
    described_fields = set(described["components"]["schemas"][shape]["properties"])
    assert described_fields == set(FORMS[name].base_fields) | extra


@pytest.mark.parametrize("name", OWN_STEPS)
def test_petitioner_s_steps_need_no_login(name: str, described: dict[str, Any]) -> None:
    step = described["paths"][f"/api/v1/my/{{number}}/do/{name}/"]["post"]

    assert not any(step.get("security", []))


@pytest.mark.django_db
def test_pages_of_the_description_are_served_from_here(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()

    assert "/static/drf_spectacular_sidecar/" in page
    assert "cdn" not in page
    assert "<style" not in page
    assert client.get("/api/v1/schema/").status_code == 200
