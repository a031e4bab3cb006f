"""What the sweep told about a case."""

from petitions.models import Petition
from workflow.models import Delivery, Event
from workflow.steps import Term


def told(case: Petition, notice: str, term: Term) -> list[int]:
    """Who was told, by id."""
    found = Delivery.objects.filter(event__case=case, notice=notice, event__data__term=term)
    return sorted(found.values_list("recipient", flat=True))


def events(case: Petition, name: str) -> list[str]:
    """The terms of which such events tell, the oldest first."""
    found = Event.objects.filter(case=case, name=name).order_by("id")
    return [event.data["term"] for event in found]
