"""What comes with a dataset and speaks of its rights: cards, Croissant, SPDX, licence files."""

from sourcing_audit.sources.cards.folder import of_folder, read_card
from sourcing_audit.sources.cards.model import Card, Quote, Upstream

__all__ = [
    "Card",
    "Quote",
    "Upstream",
    "of_folder",
    "read_card",
]
