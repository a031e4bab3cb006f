"""The models of `petitions`, one noun a file."""

from petitions.models.attachment import Attachment, KeptFile
from petitions.models.claim_point import ClaimPoint
from petitions.models.group_act import GroupAct, GroupActFile, GroupActRow
from petitions.models.handover import Handover, HandoverCase, HandoverItem, HandoverSignature
from petitions.models.import_run import ImportRun, SavedMapping
from petitions.models.look import Look
from petitions.models.order import CityOrder, FeedbackFile, FeedbackLine
from petitions.models.petition import Petition
from petitions.models.petitioner import Petitioner
from petitions.models.policy import PolicyText, PolicyWord
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
    "GroupAct",
    "GroupActFile",
    "GroupActRow",
    "Handover",
    "HandoverCase",
    "HandoverItem",
    "HandoverSignature",
    "ImportRun",
    "KeptFile",
    "Look",
    "Petition",
    "Petitioner",
    "PolicyText",
    "PolicyWord",
    "Representative",
    "Reveal",
    "SavedMapping",
    "Sending",
    "Visit",
]
