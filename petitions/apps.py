"""The case: petitioners, petitions, visits, intake, register."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PetitionsConfig(AppConfig):
    """Petitions and everything recorded about them."""

    name = "petitions"
    verbose_name = _("Petitions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Django registers receivers here.
        from petitions import leaving  # noqa: F401, PLC0415
