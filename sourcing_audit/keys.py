"""Canonical match keys, as expressions that run in the engine on items and records alike.

Two keys stand for most addresses: the *wide* one, which finds refusals (scheme, `www.`, default
port, user info, fragment and trailing dot don't count), and the *exact* one, which a permission
must match as well. Widening only ever works towards deny (design section 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

VERSION = "keys-1"
"""Recorded with evidence; a change of any key is a new version."""

_AUTHORITY = r"^[^/?#]*"
_SCHEME = r"^[A-Za-z][A-Za-z0-9+.\-]*://"
_WEB_ADDRESS = (
    r"^(?:[Hh][Tt][Tt][Pp][Ss]?://|//|[Ww][Ww][Ww]\.|[^/?#@\s]+\.[A-Za-z]{2,}(?:[:/?#]|$))"
)

_NORMAL_ADDRESS = r"^https?://[a-z0-9.\-]*[a-z0-9]/[^#%\s\\]*$"
"""An address that is its own exact key: nearly all are, and need no further pattern."""

_MOMENT = (
    r"^(?:19|20|21)\d\d-\d\d-\d\d"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$"
)
"""ISO 8601, in the centuries that works and consents can be of."""

_NORMAL_ID = r"^[a-z0-9_:\-]+$"
"""An id that is its own key."""


def text(value: ir.StringValue) -> ir.StringValue:
    """Trimmed text; NULL when nothing is left."""
    return value.strip().nullif("")


def is_web_address(value: ir.StringValue) -> ir.BooleanValue:
    """Whether the text is an http(s) address, also one written without its scheme."""
    return value.strip().re_search(_WEB_ADDRESS)


def _is_normal(url: ir.StringValue) -> ir.BooleanValue:
    return url.re_search(_NORMAL_ADDRESS)


def _after_scheme(url: ir.StringValue) -> ir.StringValue:
    """What follows `http://` or `https://` in a normal address."""
    return ibis.ifelse(url.startswith("https"), url.substr(8), url.substr(7))


def _bare(url: ir.StringValue) -> ir.StringValue:
    """Without white space, scheme, user info and fragment; a backslash is a slash (WHATWG URL)."""
    return (
        text(url)
        .replace("\\", "/")
        .re_replace(_SCHEME, "")
        .re_replace(r"^//", "")
        .re_replace(r"#.*$", "")
        .re_replace(r"^[^/?]*@", "")
    )


def _host(bare: ir.StringValue) -> ir.StringValue:
    """The host in lower case, without default port or trailing dot; other ports stay."""
    return (
        bare.re_extract(_AUTHORITY, 0)
        .lower()
        .re_replace(r":(?:80|443)?$", "")
        .re_replace(r"\.+(:\d+)?$", r"\1")
        .nullif("")
    )


def _path(bare: ir.StringValue) -> ir.StringValue:
    """Path and query; `/` when empty. Escapes of unreserved marks are undone (RFC 3986, 6.2.2)."""
    rest = bare.re_replace(_AUTHORITY, "")
    for escape, mark in (("7[Ee]", "~"), ("2[Dd]", "-"), ("2[Ee]", "."), ("5[Ff]", "_")):
        rest = rest.re_replace(f"%{escape}", mark)
    return ibis.ifelse(rest.startswith("/"), rest, ibis.literal("/").concat(rest))


def without_www(host: ir.StringValue) -> ir.StringValue:
    """The host, or the address without its scheme, by which refusals are found."""
    return ibis.ifelse(host.startswith("www."), host.substr(4), host)


def host_exact(url: ir.StringValue) -> ir.StringValue:
    """The host of an address, `www.` kept."""
    rest = _after_scheme(url)
    return ibis.ifelse(_is_normal(url), rest.substr(0, rest.find("/")), _host(_bare(url)))


def host_wide(url: ir.StringValue) -> ir.StringValue:
    """The host of an address, `www.` dropped."""
    return without_www(host_exact(url))


def url_wide(url: ir.StringValue) -> ir.StringValue:
    """Host without `www.`, path and query."""
    bare = _bare(url)
    return without_www(
        ibis.ifelse(_is_normal(url), _after_scheme(url), _host(bare).concat(_path(bare)))
    )


def url_exact(url: ir.StringValue) -> ir.StringValue:
    """Scheme (as given), host with `www.`, path and query."""
    bare = _bare(url)
    scheme = text(url).re_extract(_SCHEME, 0).lower()
    # A fragment can name another work; a permission for one is none for the other.
    fragment = text(url).re_extract(r"#.*$", 0)
    return ibis.ifelse(_is_normal(url), url, scheme.concat(_host(bare), _path(bare), fragment))


def other_spelling(wide: str) -> str | None:
    """A `url_wide` whose host is internationalised, with the host in its other form.

    Returns None where the host can't be converted (IDNA 2003, Python's codec).
    """
    host, slash, path = wide.partition("/")
    try:
        other = (
            host.encode("idna").decode("ascii")
            if not host.isascii()
            else host.encode().decode("idna")
        )
    except UnicodeError:
        return None
    return f"{other}{slash}{path}" if other != host else None


def prefix_key(url: ir.StringValue) -> ir.StringValue:
    """A path prefix without its trailing slashes, ready to be compared segment by segment."""
    return url_wide(url).re_replace(r"/+$", "")


def depth(prefix: ir.StringValue) -> ir.IntegerValue:
    """How many segments a `prefix_key` has; its host counts as one."""
    return prefix.length() - prefix.replace("/", "").length() + 1


def prefix_at(url: ir.StringValue, segments: int) -> ir.StringValue:
    """The first `segments` segments of an address; NULL when it has fewer."""
    path = url_wide(url).re_extract(r"^[^?]*", 0)
    return path.re_extract(rf"^(?:[^/]*/){{{segments - 1}}}[^/]+", 0).nullif("")


def parent_domain(host: ir.StringValue, levels: int) -> ir.StringValue:
    """The host's last `levels` labels, its port dropped; NULL when it has fewer."""
    pattern = rf"(?:[^.:]+\.){{{levels - 1}}}[^.:]+(?::\d+)?$"
    return host.re_extract(pattern, 0).re_replace(r":\d+$", "").nullif("")


def labels(domain: ir.StringValue) -> ir.IntegerValue:
    """How many labels a domain has."""
    return domain.length() - domain.replace(".", "").length() + 1


def identity(value: ir.StringValue) -> ir.StringValue:
    """A creator's or person's id.

    Profile addresses become `url_wide`, ORCID and ISNI lose resolver and spacing, everything
    else is taken in lower case.
    """
    plain = text(value).lower().re_replace(r"\s+", "")
    orcid = plain.re_replace(r"^(?:https?://(?:www\.)?orcid\.org/|orcid:)", "orcid:")
    isni = plain.re_replace(r"^(?:https?://(?:www\.)?isni\.org/(?:isni/)?|isni:)", "isni:")
    return ibis.cases(
        (value.re_search(_NORMAL_ID), value),
        (orcid.startswith("orcid:"), orcid),
        (isni.startswith("isni:"), isni),
        (is_web_address(value), url_wide(value).re_replace(r"/+$", "")),
        else_=plain,
    )


def identity_exact(value: ir.StringValue) -> ir.StringValue:
    """As `identity`, but a profile address keeps its scheme and `www.`."""
    return ibis.cases(
        (value.re_search(_NORMAL_ID), value),
        (
            is_web_address(value) & ~identity(value).re_search(r"^(?:orcid|isni):"),
            url_exact(value).re_replace(r"/+$", ""),
        ),
        (identity(value).re_search(r"^(?:orcid|isni):"), identity(value)),
        else_=text(value),
    )


def creator_name(value: ir.StringValue) -> ir.StringValue:
    """A name for comparing: lower case, single spaces. A match is a candidate, never a proof."""
    return text(value).lower().re_replace(r"\s+", " ")


def work_id(value: ir.StringValue) -> ir.StringValue:
    """`scheme:id` in lower case; DOI without its resolver, ISBN and the like without their dashes.

    A manifest's column may hold `978-…` or `ISBN 978-…`; both become `isbn:978…`.
    """
    plain = text(value).lower()
    bare = plain.re_replace(
        r"^(?:doi:\s*)?(?:https?://(?:dx\.|www\.)?doi\.org/)?(10\.\d{4,9}/)", r"\1"
    )
    doi = ibis.ifelse(bare.re_search(r"^10\.\d{4,9}/"), ibis.literal("doi:").concat(bare), plain)
    scheme = r"(isbn|isrc|iswc|iscc|eidr)(?:13|10)?"
    coded = rf"^{scheme}:\s*(?:{scheme}[:\s]\s*)?"
    return ibis.ifelse(
        doi.re_search(coded), doi.re_replace(coded, r"\1:").re_replace(r"[\s\-.]", ""), doi
    )


def work_id_exact(value: ir.StringValue) -> ir.StringValue:
    """As `work_id`, but an id of no scheme that we know keeps its case."""
    wide = work_id(value)
    known = wide.re_search(r"^(?:doi|isbn|isrc|iswc|iscc|eidr):")
    return ibis.ifelse(known, wide, text(value))


def digest(value: ir.StringValue) -> ir.StringValue:
    """A hash in lower-case hexadecimal, without an algorithm prefix."""
    bare = value.length().isin([32, 64])
    prefixed = text(value).lower().re_replace(r"^(?:sha-?256|md5)[:=]", "")
    return ibis.ifelse(bare, value.lower(), prefixed)


def moment(value: ir.StringValue) -> ir.TimestampValue:
    """A date or time in ISO 8601 as UTC; NULL when it isn't one. Without an offset it is UTC."""
    plain = text(value)
    iso = ibis.ifelse(plain.re_search(_MOMENT), plain, ibis.null("string"))
    return iso.try_cast("timestamp('UTC')").cast("timestamp")


NO_CODES = ibis.literal([], type="array<string>")
"""An empty list of reason or obligation codes."""


def token(value: ir.StringValue) -> ir.StringValue:
    """An id that only counts as it is written, but for white space around it."""
    return text(value)
