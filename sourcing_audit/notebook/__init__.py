"""What an audit shows of itself in a notebook: a card, and charts to restyle."""

from sourcing_audit.notebook.card import html
from sourcing_audit.notebook.plots import Plots

__all__ = ["Plots", "html"]
