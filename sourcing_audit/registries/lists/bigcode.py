"""BigCode's opt-outs from The Stack: accounts and repositories on GitHub."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.interface import Export, RegistryReader
from sourcing_audit.registries.lists.documents import (
    EXCERPT,
    entries,
    is_list,
    lines,
    member,
    parsed,
)
from sourcing_audit.registries.statements import Statement, spooled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

_KEYS = (b"optout_owners", b"optout_repos", b"remove_accounts", b"remove_repos")
_MARKS = re.compile(r"^(?:[-*•+]|\d+[.)])\s+|[`\"'<>]")
_GITHUB = re.compile(r"(?i)^(?:https?://)?(?:www\.)?github\.com[/:]|^git@github\.com:|^@")
_LOGIN = re.compile(r"[A-Za-z0-9_-]{1,39}")
_REPO = re.compile(r"[A-Za-z0-9_-]{1,39}/[A-Za-z0-9._-]{1,100}")
_NOTHING = frozenset({"", "_no response_", "none", "n/a", "null"})


class BigCodeReader(RegistryReader):
    """Reads the published opt-outs, the fields of the issue form, and lists of names.

    An account's opt-out holds for all of its repositories, now and in the future; what was refused
    is being in the dataset, whatever that is used for. Earlier names of an account are rows of the
    same statement.
    """

    name: ClassVar[str] = "bigcode"
    summary: ClassVar[str] = "opt-outs from The Stack: accounts and owner/repo, lists or forms"
    lists: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = (
        "record_id",
        "statement_id",
        "signal_scheme",
        "signal_raw",
        "problem",
        "subject_kind",
        "subject_value",
        "platform",
        "declarant_id",
        "declarant_role",
        "authority_level",
        "decision",
        "declared_at",
        "evidence_uri",
    )

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the names of the published files' members or of the form's fields."""
        return path.is_file() and any(key in head.lower() for key in _KEYS)

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:  # noqa: ARG002
        """See `RegistryReader.read`."""
        return spooled(engine, _statements(engine, export.path), self.fields)

    def unstated(self, engine: Engine, export: Export) -> int:
        """Requests that name neither account nor repository."""
        if is_list(export.path):
            return 0
        found = entries(engine, export.path, inside="optouts")
        return sum(not any(_tokens(entry)) for _, entry in found)


def _statements(engine: Engine, path: Path) -> Iterator[Statement]:
    if is_list(path):
        for number, line in lines(path):
            found = _subject(line, repos_only=False) or _refuse(path, number, line)
            yield _record(number, str(number), line, found)
        return
    for nth, (row, entry) in enumerate(entries(engine, path, inside="optouts"), start=1):
        yield from _request(path, nth, row, entry)


def _request(path: Path, nth: int, row: int, entry: Mapping[str, Any]) -> Iterator[Statement]:
    """The rows of one request: a refusal for each name, all of one statement."""
    author = str(member(entry, "author", "login", "user") or "").strip().lstrip("@")
    issue = member(entry, "issue", "number")
    shared = {
        "statement_id": f"issue {issue}" if issue is not None else f"request {nth}",
        "declared_at": member(entry, "created_at", "submitted_at"),
        "evidence_uri": member(entry, "html_url", "proof"),
        "declarant_id": f"github:{author}" if author else None,
    }
    seen: set[tuple[str, str]] = set()
    for count, (token, repos_only) in enumerate(_tokens(entry), start=1):
        found = _subject(token, repos_only=repos_only)
        if found is None:
            if not author:
                _refuse(path, row, token)
            found = ("account", author, "signal_malformed")
        kind, value, problem = found
        if problem is None and (kind, value.lower()) in seen:
            continue
        seen.add((kind, value.lower()))
        record = _record(row, f"{nth}.{count}", token, found)
        owner = value.removeprefix("github.com/").partition("/")[0]
        yield {**record, **shared, **_standing(author, owner)}


def _tokens(entry: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What was named, and whether only a repository may stand there."""
    accounts = ("optout_owners", "remove_accounts", "accounts", "account")
    repositories = ("optout_repos", "remove_repos", "repos", "repositories", "repo")
    for names, repos_only in ((accounts, False), (repositories, True)):
        value = parsed(member(entry, *names))
        listed = value if isinstance(value, list) else str(value or "").splitlines()
        for one in listed:
            for token in _parts(str(one).strip()):
                yield token, repos_only


def _parts(line: str) -> list[str]:
    """The names of a line with commas between; a line with anything else is one."""
    parts = [part for part in re.split(r"\s*[,;]\s*", line) if part.casefold() not in _NOTHING]
    return parts if all(_subject(part, repos_only=False) for part in parts) else [line]


def _subject(token: str, *, repos_only: bool) -> tuple[str, str, str | None] | None:
    """Kind, value and problem of what a token names; None where it names nothing."""
    plain = _MARKS.sub("", token).strip().rstrip("/.,")
    name = _GITHUB.sub("", plain).removesuffix(".git").rstrip("/")
    if _REPO.fullmatch(name):
        return "repo", f"github.com/{name}", None
    if _LOGIN.fullmatch(name):
        # Only repositories belong here; whether the whole account was meant is a question.
        return "account", name, "signal_malformed" if repos_only else None
    if re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(?:/\S*)?", plain):
        return "url_prefix", plain, None
    return None


def _refuse(path: Path, row: int, token: str) -> NoReturn:
    raise RegistryError(
        f"{path}: row {row}: {token[:80]!r} is neither an account nor owner/repo",
        fix="write one account or owner/repo on each line",
    )


def _standing(author: str, owner: str) -> dict[str, str]:
    """A request that is filed from the account it names needs no other proof (the form's words)."""
    if not author:
        return {}
    if author.casefold() == owner.casefold():
        return {"declarant_role": "creator", "authority_level": "account_oauth"}
    return {"declarant_role": "unknown", "authority_level": "self_asserted"}


def _record(
    row: int, record_id: str, token: str, found: tuple[str, str, str | None]
) -> dict[str, str | int | None]:
    kind, value, problem = found
    return {
        "row": row,
        "record_id": record_id,
        "signal_scheme": "bigcode",
        "signal_raw": token[:EXCERPT],
        "problem": problem,
        "subject_kind": kind,
        "subject_value": value,
        "platform": "github" if kind == "account" else None,
        "decision": "unknown" if problem else "deny",
    }
