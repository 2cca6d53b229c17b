"""Everything that one media file says, from its bytes. Runs in the worker processes only."""

from __future__ import annotations

import contextlib
import mmap
import warnings
from typing import TYPE_CHECKING, BinaryIO

from sourcing_audit import filetypes
from sourcing_audit.media import epub, manifests, xmp
from sourcing_audit.media.found import PLUS, Found, unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from c2pa import Context

_ARCHIVE_HEAD = 256


def read(path: Path, settings: Context) -> list[Found]:
    """What the file says, and what in it can't be read.

    Raises:
        OSError: it can't be opened.

    """
    with path.open("rb") as stream:
        head = stream.read(_ARCHIVE_HEAD)
        if not head:
            return [unreadable(PLUS, "the file is empty")]
        kind = filetypes.of(head[: filetypes.HEAD])
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            found = xmp.read(data, kind or "")
            found += manifests.read(path, data, settings)
        if kind == "zip":
            stream.seek(0)
            found += epub.read(stream, head)
        problem = _not_opened(stream, kind)
        if problem is not None and not found:
            found.append(unreadable(PLUS, problem))
    return found


def _not_opened(stream: BinaryIO, kind: str | None) -> str | None:
    """Why a file can't be opened, so that nobody knows what it would have said."""
    if kind is None:
        return "a file of unknown kind"
    if kind not in filetypes.OPENED:
        return None
    from PIL import Image, UnidentifiedImageError

    # Only the header is read here: the number of pixels endangers nobody.
    Image.MAX_IMAGE_PIXELS = None
    stream.seek(0)
    with warnings.catch_warnings(), contextlib.suppress(Image.DecompressionBombError):
        warnings.simplefilter("ignore")
        try:
            with Image.open(stream):
                return None
        except UnidentifiedImageError:
            return f"a file that begins as {kind} and can't be opened as an image"
        except Exception as error:  # noqa: BLE001 - whatever a damaged file does to its decoder
            return f"{kind} that can't be opened: {type(error).__name__}"
    return None
