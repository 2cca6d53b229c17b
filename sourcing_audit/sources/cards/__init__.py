"""What comes with a dataset and speaks of its rights: cards, Croissant, SPDX, licence files."""

from sourcing_audit.sources.cards.folder import MOST_FILES, is_document, of_folder, read_card
from sourcing_audit.sources.cards.model import Card, Quote, Upstream

__all__ = [
    "MOST_FILES",
    "Card",
    "Quote",
    "Upstream",
    "is_document",
    "of_folder",
    "read_card",
]
