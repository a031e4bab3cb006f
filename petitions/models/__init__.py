"""The models of `petitions`, one noun a file."""

from petitions.models.attachment import Attachment, KeptFile
from petitions.models.claim_point import ClaimPoint
from petitions.models.handover import Handover, HandoverCase, HandoverSignature
from petitions.models.import_run import ImportRun, SavedMapping
from petitions.models.look import Look
from petitions.models.order import CityOrder, FeedbackFile, FeedbackLine
from petitions.models.petition import Petition
from petitions.models.petitioner import Petitioner
from petitions.models.representative import Representative
from petitions.models.reveal import Reveal
from petitions.models.sending import Sending
from petitions.models.visit import Visit

__all__ = [
    "Attachment",
    "CityOrder",
    "ClaimPoint",
    "FeedbackFile",
    "FeedbackLine",
    "Handover",
    "HandoverCase",
    "HandoverSignature",
    "ImportRun",
    "KeptFile",
    "Look",
    "Petition",
    "Petitioner",
    "Representative",
    "Reveal",
    "SavedMapping",
    "Sending",
    "Visit",
]
