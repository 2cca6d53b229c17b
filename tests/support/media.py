"""Media files with signals in them, made here; none is anybody's work."""

from __future__ import annotations

import datetime as dt
import functools
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image, PngImagePlugin

if TYPE_CHECKING:
    from collections.abc import Sequence

REAL = Path(__file__).parents[3] / "shared" / "data" / "media"
"""Files of others that lie beside the checkout, not in it; tests skip where they are absent."""

VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def xmp(properties: str, *, attributes: str = "", namespace: str = PLUS) -> bytes:
    """An XMP packet with properties of PLUS (`plus:`) and TDMRep (`tdm:`)."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:plus="{namespace}"'
        f' xmlns:tdm="http://www.w3.org/ns/tdmrep/"{attributes}>{properties}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def data_mining(code: str) -> bytes:
    """An XMP packet that says what PLUS's code says."""
    return xmp(f"<plus:DataMining>{VOCABULARY}{code}</plus:DataMining>")


def image(packet: bytes | None = None, *, kind: str = "JPEG", shade: int = 0) -> bytes:
    """A small image, with an XMP packet."""
    target = io.BytesIO()
    extra: dict[str, object] = {}
    if packet is not None and kind == "PNG":
        extra["pnginfo"] = text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", packet.decode())
    elif packet is not None:
        extra = {"tiffinfo": {700: packet}} if kind == "TIFF" else {"xmp": packet}
    Image.new("RGB", (8, 8), (shade % 256, shade // 256, 0)).save(target, kind, **extra)
    return target.getvalue()


def pdf(packet: bytes) -> bytes:
    """As much of a PDF as it takes to find its metadata."""
    return (
        b"%PDF-1.7\n1 0 obj\n<</Type/Metadata/Subtype/XML/Length "
        + str(len(packet)).encode()
        + b">>\nstream\n"
        + packet
        + b"\nendstream\nendobj\n%%EOF\n"
    )


def epub(metas: str, *, package: str = "OEBPS/content.opf") -> bytes:
    """An EPUB whose package document has these elements among its metadata."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
        )
        archive.writestr(
            package,
            f'<package xmlns="http://www.idpf.org/2007/opf"><metadata>{metas}</metadata></package>',
        )
    return target.getvalue()


Assertion = tuple[str, dict[str, object]]


def entries(use: str, *names: str, family: str = "cawg", **more: str) -> Assertion:
    """A training-mining assertion with one use for all its entries."""
    listed = {f"{family}.{name}": {"use": use, **more} for name in names}
    return f"{family}.training-mining", {"entries": listed}


def signed(
    assertions: Sequence[Assertion], *, of: bytes | None = None, ingredient: bytes | None = None
) -> bytes:
    """An image with a manifest that validates; its signer is unknown to every trust list."""
    from c2pa import Builder, C2paSignerInfo, C2paSigningAlg, Signer

    created = {
        "action": "c2pa.created",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    }
    manifest = {
        "claim_generator_info": [{"name": "tests", "version": "1"}],
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [created]}},
            *({"label": label, "data": data} for label, data in assertions),
        ],
    }
    chain, key = _certificates()
    signer = Signer.from_info(C2paSignerInfo(C2paSigningAlg.ES256, chain, key, None))
    builder = Builder(json.dumps(manifest))
    if ingredient is not None:
        about = json.dumps({"title": "part", "relationship": "componentOf"})
        builder.add_ingredient(about, "image/jpeg", io.BytesIO(ingredient))
    target = io.BytesIO()
    builder.sign(signer, "image/jpeg", io.BytesIO(of or image()), target)
    return target.getvalue()


@functools.cache
def _certificates() -> tuple[bytes, bytes]:
    """A chain and the key of its end."""
    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = (
        _certificate("Root", 1, root)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root, hashes.SHA256())
    )
    end = (
        _certificate("A. Maker", 2, leaf)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False
        )
        .sign(root, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = leaf.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return end.public_bytes(pem) + authority.public_bytes(pem), private


def _certificate(
    name: str, number: int, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("Root"))
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2045, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
