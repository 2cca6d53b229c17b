"""Inputs: any manifest or dataset as one canonical items table."""

from sourcing_audit.sources.discover import dataset_name
from sourcing_audit.sources.ingest import ingest, read_again
from sourcing_audit.sources.interface import Ingested
from sourcing_audit.sources.subset import write_subset

__all__ = ["Ingested", "dataset_name", "ingest", "read_again", "write_subset"]
