"""Whether a bundle is the one that was made: its files, its statement, and who signed that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.evidence import layout
from sourcing_audit.evidence.checking import Check, CheckError, Contents, State, model, passed
from sourcing_audit.evidence.signing import Envelope
from sourcing_audit.evidence.statement import build, is_canonical

if TYPE_CHECKING:
    from sourcing_audit.evidence.signing import Verifier
    from sourcing_audit.evidence.statement import Statement


def members(found: Contents) -> str:
    """Every file is the one that the statement names, and there is no other.

    Raises:
        CheckError: naming the first that isn't.

    """
    stated = {one.name: one.digest.sha256 for one in found.statement.subject}
    if len(stated) != len(found.statement.subject):
        raise CheckError("the statement names a file twice")
    there = dict(found.container.digests)
    for name in (layout.STATEMENT, layout.ENVELOPE):
        there.pop(name, None)
        if name in stated:
            raise CheckError(f"the statement names {name} among what it is about")
    for name, digest in there.items():
        if name not in stated:
            raise CheckError(f"{name}: the statement doesn't name it")
        if stated[name] != digest:
            raise CheckError(
                f"{name}: isn't the file that the statement names: its SHA-256 differs"
            )
    listed = {file.name: table.in_bundle for table in found.tables.tables for file in table.files}
    extra = [name for name in there if listed.get(name) is False]
    if extra:
        raise CheckError(f"{extra[0]}: is there, and {layout.LISTING} says that it isn't")
    gone = [name for name in stated if name not in there and listed.get(name, True)]
    if gone:
        raise CheckError(f"{gone[0]}: is missing")
    return f"{len(there)} files have the SHA-256 that the statement gives"


def statement(found: Contents) -> str:
    """The statement is the one that follows from the other files.

    Raises:
        CheckError: naming the first field that isn't.

    """
    signer = found.statement.predicate.signer
    digests = {
        name: digest
        for name, digest in found.container.digests.items()
        if name not in {layout.STATEMENT, layout.ENVELOPE}
    }
    keyid = None if signer is None else signer.keyid
    anew = build(found.report, found.request, found.tables, digests, keyid)
    # Models are compared, not bytes: a later version may know fields that weren't there.
    if anew != found.statement:
        raise CheckError(_difference(found.statement, anew))
    if not is_canonical(found.container.read(layout.STATEMENT), found.statement):
        raise CheckError(f"{layout.STATEMENT}: isn't written as the writer writes it")
    for what in found.request.differing(found.report):
        raise CheckError(f"{layout.REQUEST} and {layout.REPORT} differ in {what}")
    totals = found.report.totals
    return f"agrees with {layout.REPORT}: {totals.items_in} items, as of {found.report.as_of}"


def _difference(stated: Statement, anew: Statement) -> str:
    """The first part of the statement that isn't what the files give."""
    before, after = stated.predicate.model_dump(), anew.predicate.model_dump()
    fields = [f"predicate.{name}" for name in after if before[name] != after[name]]
    return f"{layout.STATEMENT}: {(*fields, 'subject')[0]} isn't what the files give"


def signature(found: Contents, key: Verifier | None) -> Check:
    """Who signed the statement, as far as that was checked."""
    name = "signature"
    signer = found.statement.predicate.signer
    enveloped = layout.ENVELOPE in found.container.digests
    if signer is None:
        if enveloped:
            return Check(name, State.FAILED, "there is a signature, and the statement denies it")
        if key is not None:
            return Check(name, State.FAILED, "this bundle is not signed")
        return Check(
            name, State.NOT_CHECKED, "this bundle is not signed: anybody could have made it"
        )
    if not enveloped:
        return Check(name, State.FAILED, f"signed by {signer.keyid}, but the signature was removed")
    looked = passed(name, lambda: _envelope(found, signer.keyid, key))
    if looked.state is State.OK and key is None:
        return Check(name, State.NOT_CHECKED, looked.detail)
    return looked


def _envelope(found: Contents, keyid: str, key: Verifier | None) -> str:
    envelope = model(found.container, layout.ENVELOPE, Envelope)
    if not is_canonical(found.container.read(layout.ENVELOPE), envelope):
        raise CheckError(f"{layout.ENVELOPE}: isn't written as the writer writes it")
    if envelope.body() != found.container.read(layout.STATEMENT):
        raise CheckError(f"what was signed isn't {layout.STATEMENT}")
    if envelope.signatures[0].keyid != keyid:
        raise CheckError("statement and envelope name different keys")
    if key is None:
        return f"names the key {keyid}; it wasn't checked, because no key was given with --key"
    key.check(envelope)
    return f"by the key {key.keyid}"
