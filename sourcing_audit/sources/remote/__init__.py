"""Inputs that lie elsewhere: object stores, the hub's files and web servers, read through fsspec.

Only what the user names is read. Nothing is taken from an address that stands in a manifest or a
card.
"""

from sourcing_audit.sources.remote.addresses import is_address, shown
from sourcing_audit.sources.remote.files import RemoteFile
from sourcing_audit.sources.remote.listing import Found, find, reopened

__all__ = ["Found", "RemoteFile", "find", "is_address", "reopened", "shown"]
