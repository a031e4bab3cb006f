"""The machine's app: states, steps, guards, clocks, events, delivery."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowConfig(AppConfig):
    """Registers the checks on the declaration."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "workflow"
    verbose_name = _("Workflow")

    def ready(self) -> None:
        from workflow import checks  # noqa: F401, PLC0415 - Django registers checks here
