"""What a file is, by its first bytes: names and declared types aren't evidence."""

from __future__ import annotations

HEAD = 64
"""Bytes that it takes to tell."""

_PREFIXES = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
    b"II+\x00": "tiff",
    b"MM\x00+": "tiff",
    b"BM": "bmp",
    b"\x00\x00\x00\x0cJXL \r\n\x87\n": "jxl",
    b"\xff\x0a": "jxl",
    b"\x00\x00\x00\x0cjP  \r\n\x87\n": "jpeg2000",
    b"%PDF-": "pdf",
    b"%!PS": "postscript",
    b"PK\x03\x04": "zip",
    b"ID3": "mp3",
    b"fLaC": "flac",
    b"OggS": "ogg",
    b"\x1aE\xdf\xa3": "matroska",
    b"FLV\x01": "flv",
    b"\x00\x00\x01\xba": "mpeg",
    b"FORM": "iff",
    b"8BPS": "psd",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "asf",
}
_RIFF = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_BRANDS = {b"avif": "avif", b"avis": "avif", b"heic": "heic", b"heix": "heic", b"mif1": "heic"}
_MPEG_AUDIO = 0xE0

TEXT = "text"
OPENED = frozenset({"jpeg", "png", "gif", "tiff", "bmp", "webp", "avif", "jpeg2000"})
"""Kinds that are opened as images, so that a damaged one is known."""


def of(head: bytes) -> str | None:
    """The kind of a file, None if its first bytes are of no known kind of media."""
    for prefix, kind in _PREFIXES.items():
        if head.startswith(prefix):
            return kind
    if head[:4] in (b"RIFF", b"RF64"):
        return _RIFF.get(head[8:12], "riff")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return _BRANDS.get(head[8:12], "mp4")
    if len(head) > 1 and head[0] == 0xFF and head[1] & _MPEG_AUDIO == _MPEG_AUDIO:  # noqa: PLR2004
        return "mp3"
    return TEXT if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    """SVG, HTML and the like: no byte that text doesn't have."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return bool(head) and all(byte >= 0x20 or byte in b"\t\n\r\f" for byte in head)  # noqa: PLR2004
