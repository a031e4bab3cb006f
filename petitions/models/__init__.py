"""The models of `petitions`, one noun a file."""

from petitions.models.attachment import Attachment
from petitions.models.claim_point import ClaimPoint
from petitions.models.petition import Petition
from petitions.models.petitioner import Petitioner
from petitions.models.representative import Representative
from petitions.models.reveal import Reveal
from petitions.models.sending import Sending
from petitions.models.visit import Visit

__all__ = [
    "Attachment",
    "ClaimPoint",
    "Petition",
    "Petitioner",
    "Representative",
    "Reveal",
    "Sending",
    "Visit",
]
