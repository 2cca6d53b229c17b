"""Three real manifests that lie beside the checkout, not in it; tests skip where they are absent.

@real_data.needs("tate")
def test_…(tmp_path):
    registry = real_data.write_registry("tate", tmp_path / "registry.parquet")
    audit([real_data.MANIFESTS["tate"].path], registries=[registry], …)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.support import registries
from tests.support.registries import Values

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

WORKS = Path(__file__).parents[3] / "shared" / "data" / "works"


@dataclass(frozen=True)
class RealManifest:
    """A manifest and how to take registry values out of it."""

    key: str
    path: Path
    items: int
    values: Callable[[pa.Table], Values]

    def read(self) -> pa.Table:
        import pyarrow.csv as pc
        import pyarrow.parquet as pq

        if self.path.suffix == ".parquet":
            return pq.read_table(self.path)
        return pc.read_csv(self.path, parse_options=pc.ParseOptions(newlines_in_values=True))


def host_of(url: str) -> str:
    """The host of an address that may lack its scheme."""
    return urlsplit(url if "//" in url else f"//{url}").hostname or ""


def domain_of(host: str) -> str:
    """The last two labels; good enough to have a domain above each host."""
    return ".".join(host.rsplit(".", 2)[-2:])


def prefix_of(url: str, segments: int) -> str:
    """The address cut after so many path segments; empty when it has no more than that."""
    scheme, separator, rest = url.rpartition("://")
    parts = rest.split("/")
    return scheme + separator + "/".join(parts[: segments + 1]) if len(parts) > segments + 1 else ""


def _texts(table: pa.Table, column: str) -> list[str]:
    return [str(value) for value in table[column].to_pylist() if value not in (None, "")]


def _openverse(table: pa.Table) -> Values:
    urls, pages = _texts(table, "url"), _texts(table, "foreign_landing_url")
    hosts = [host_of(url) for url in urls]
    return Values(
        urls=urls,
        url_prefixes=[prefix_of(page, 2) for page in pages],
        # Flickr's servers carry most items; the places named here are those of few.
        hosts=[host for host in hosts if hosts.count(host) < 60],
        domains=["deviantart.com", "behance.net", "digitaltmuseum.org", "500px.org"],
        creator_ids=_texts(table, "creator_url"),
        creator_names=_texts(table, "creator"),
    )


def _tate(table: pa.Table) -> Values:
    urls = _texts(table, "url")
    return Values(
        urls=[*urls, *_texts(table, "thumbnail_url")],
        url_prefixes=[prefix_of(url, 5) for url in _texts(table, "thumbnail_url")],
        creator_names=_texts(table, "artist"),
    )


def _common_crawl(table: pa.Table) -> Values:
    hosts, paths = _texts(table, "provider_domain"), table["content_path"].to_pylist()
    urls = [
        f"https://{host}{path}"
        for host, path in zip(table["provider_domain"].to_pylist(), paths, strict=True)
    ]
    distinct = sorted(set(hosts))
    return Values(
        urls=urls,
        url_prefixes=[prefix_of(url, 1) for url in urls],
        hosts=distinct,
        domains=[domain_of(host) for host in distinct],
    )


MANIFESTS: dict[str, RealManifest] = {
    manifest.key: manifest
    for manifest in (
        RealManifest("openverse", WORKS / "openverse-images.csv", 1_899, _openverse),
        RealManifest("tate", WORKS / "tate-artworks.parquet", 69_202, _tate),
        RealManifest("commoncrawl", WORKS / "commoncrawl-cc-pages.parquet", 51_130, _common_crawl),
    )
}


def needs(key: str) -> pytest.MarkDecorator:
    """Skip the test where the manifest is absent."""
    manifest = MANIFESTS[key]
    return pytest.mark.skipif(not manifest.path.is_file(), reason=f"no {manifest.path.name} here")


def write_registry(key: str, path: Path, *, per_kind: int = 20) -> Path:
    """Write the registry made from a manifest's own values, in the format of the path's ending."""
    manifest = MANIFESTS[key]
    return registries.write(
        registries.rows(manifest.values(manifest.read()), per_kind=per_kind), path
    )
