"""Signals inside media files: C2PA and CAWG assertions, IPTC/PLUS Data Mining, TDMRep.

    items ─► files ─► distinct content ─► worker processes ─► what each says ─► records

Kept without imports: the worker processes begin here.
"""
