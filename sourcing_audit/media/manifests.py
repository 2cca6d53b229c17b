"""C2PA manifests and their training-mining assertions, read without a network."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sourcing_audit.media.found import (
    C2PA,
    CAWG,
    DOCUMENT_MISSING,
    Found,
    shortened,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap
    from pathlib import Path

    from c2pa import Context

_STORE = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
"""The type of the JUMBF box that holds a manifest store (C2PA 2.1, section 11.1.4.2)."""
_MARKS = (b"c2pa", b"provenance", b"brob")
"""What a file holds that has a manifest: the type of its boxes, the address of one in its XMP, or
boxes that are compressed. The library isn't asked about others: it takes long over some."""
_LABEL = re.compile(r"(?P<family>c2pa|cawg)\.training-mining(?:\.v\d+)?(?:__\d+)?")
_MOST_MANIFESTS = 256
_MOST_ENTRIES = 64
_VALID = ("Valid", "Trusted")

_SETTINGS: dict[str, Any] = {
    "core": {"allowed_network_hosts": [], "max_decompressed_manifest_size_in_mb": 64},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
"""Nothing is fetched: neither manifests, nor the state of certificates, nor identities."""


def context() -> Context:
    """What the library is told once; every file is read with it."""
    from c2pa import Context

    return Context.from_dict(_SETTINGS)


def read(path: Path, data: mmap | bytes, settings: Context) -> list[Found]:
    """What the manifests in a file say, that of the file itself and those of its ingredients."""
    from c2pa import C2paError, Reader

    if all(data.find(mark) < 0 for mark in _MARKS):
        return []
    there = data.find(_STORE) >= 0
    try:
        reader = Reader.try_create(str(path), context=settings)
        if reader is None:
            return _lost("no manifest was found in it") if there else []
        with reader:
            store = json.loads(reader.json())
    except (C2paError, OSError, ValueError, RecursionError) as error:
        # The library tells kinds of files that it doesn't know by an error too.
        if "RemoteManifest" in type(error).__name__ or "RemoteManifest" in str(error):
            missing = f"its C2PA manifest lies elsewhere: {error}"
            return [Found(C2PA, shortened(missing), problem=DOCUMENT_MISSING)]
        return _lost(str(error)) if there else []
    return list(_assertions(store))


def _lost(why: str) -> list[Found]:
    return [unreadable(C2PA, f"C2PA data that can't be read: {why}")]


def _assertions(store: dict[str, Any]) -> Iterator[Found]:
    manifests = store.get("manifests") or {}
    if len(manifests) > _MOST_MANIFESTS:
        yield unreadable(C2PA, f"{len(manifests)} manifests, too many to be read")
        return
    state = str(store.get("validation_state"))
    for name, manifest in manifests.items():
        signature = manifest.get("signature_info") or {}
        signer = ", ".join(
            str(signature[key]) for key in ("common_name", "issuer") if signature.get(key)
        )
        for assertion in manifest.get("assertions") or ():
            label = _LABEL.fullmatch(str(assertion.get("label")))
            if label is None:
                continue
            scheme = CAWG if label["family"] == "cawg" else C2PA
            for entry in _entries(scheme, str(assertion["label"]), assertion.get("data")):
                yield Found(
                    entry.scheme,
                    entry.raw,
                    entry.value,
                    entry.entry,
                    entry.detail,
                    entry.problem,
                    valid=state in _VALID,
                    trusted=state == "Trusted",
                    own=name == store.get("active_manifest"),
                    signer=shortened(signer),
                    signed_at=str(signature.get("time") or "")[:40],
                )


def _entries(scheme: str, label: str, data: object) -> Iterator[Found]:
    """The entries of one assertion; an earlier draft forgot to wrap them."""
    entries = data.get("entries", data) if isinstance(data, dict) else None
    listed = (
        [(key, use) for key, use in entries.items() if key != "metadata"]
        if isinstance(entries, dict)
        else []
    )
    if not listed or len(listed) > _MOST_ENTRIES:
        yield unreadable(scheme, f"{label} without entries that can be read: {data}")
        return
    for key, stated in listed:
        name = str(key)
        stem = name.removeprefix("c2pa.").removeprefix("cawg.")
        if not isinstance(stated, dict) or not isinstance(stated.get("use"), str):
            yield unreadable(scheme, f"{label}: {name}: {stated}")
            continue
        detail = stated.get("constraint_info") or stated.get("constraints_info") or ""
        told = f"; {detail}" if detail else ""
        yield Found(
            scheme,
            shortened(f"{label}: {name}: {stated['use']}{told}"),
            stated["use"],
            shortened(stem),
            shortened(detail),
        )
