"""What every request of the API knows: the moment, who asks, and what they may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from rest_framework.views import APIView

from agents.directory import Directory
from petitions.models import Petition
from petitions.queries import PetitionQuerySet
from petitions.views.viewer import Viewer
from workflow.actors import Actor


class ApiView(APIView):
    """One request by one cadre at one moment; reads the stamps once."""

    @cached_property
    def viewer(self) -> Viewer:
        """Who asks, as on the pages."""
        return Viewer(self.request)

    @property
    def now(self) -> datetime:
        """The moment of the request."""
        return self.viewer.now

    @property
    def versions(self) -> Mapping[str, int]:
        """The stamps at that moment."""
        return self.viewer.versions

    @property
    def directory(self) -> Directory:
        """Who is who at that moment."""
        return self.viewer.directory

    @property
    def actor(self) -> Actor:
        """The cadre who asks, with roles and stand-ins."""
        return self.viewer.actor

    def cases(self) -> PetitionQuerySet:
        """The cases that whoever asks may see."""
        return self.viewer.cases

    def case(self, number: str) -> Petition:
        """The case of that number with its petitioner; one they may not see is not there."""
        return self.viewer.case(number)

    def get_serializer_context(self) -> dict[str, Any]:
        """What the shapes need to know beside the row."""
        return {"request": self.request, "view": self, "now": self.now}
