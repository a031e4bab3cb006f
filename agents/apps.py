"""The app of people, units, areas and categories."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgentsConfig(AppConfig):
    """`agents` stands at the bottom: every other app may import it, it imports none of them."""

    name = "agents"
    # Translators: 人员与分管
    verbose_name = _("People and charges")

    def ready(self) -> None:
        # Django registers receivers here.
        from agents import portfolio  # noqa: F401, PLC0415
