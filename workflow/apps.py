"""The machine's app: states, steps, guards, clocks, events, delivery."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowConfig(AppConfig):
    """Registers the checks on the declaration, and what follows a unit that moves or closes."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "workflow"
    verbose_name = _("Workflow")

    def ready(self) -> None:
        # Django registers checks and receivers here.
        from workflow import checks, scope  # noqa: F401, PLC0415
