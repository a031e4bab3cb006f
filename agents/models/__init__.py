"""The models of `agents`, one noun a file."""

from agents.models.cadre import Cadre, RoleGrant
from agents.models.charge import Absence, Charge
from agents.models.correspondence import Correspondence
from agents.models.duty import DutyShift, DutySwap, ShiftNote
from agents.models.stamp import Stamp
from agents.models.station import Station
from agents.models.team import Team, TeamMember
from agents.models.tree import Area, Category
from agents.models.unit import Unit

__all__ = [
    "Absence",
    "Area",
    "Cadre",
    "Category",
    "Charge",
    "Correspondence",
    "DutyShift",
    "DutySwap",
    "RoleGrant",
    "ShiftNote",
    "Stamp",
    "Station",
    "Team",
    "TeamMember",
    "Unit",
]
