"""Evidence bundles, written as soon as a dataset is audited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sourcing_audit.commands.settings import Settings
    from sourcing_audit.rules import RuleStore


def evidence(wanted: Settings) -> Callable[[Path, RuleStore, str], str | None]:
    """What writes a dataset's evidence bundle and says so; the key is read before any audit."""
    if wanted.evidence is None:
        if wanted.with_findings:
            raise ConfigError("--with-findings is for --evidence", fix="add --evidence FILE.zip")
        return lambda _folder, _store, _name: None
    from sourcing_audit import evidence as bundles

    signer = None if wanted.sign_key is None else bundles.Signer.of(wanted.sign_key)
    target, several = wanted.evidence, len(wanted.datasets) > 1

    def write(folder: Path, store: RuleStore, name: str) -> str:
        file = target.with_name(f"{target.stem}-{name}{target.suffix}") if several else target
        bundles.write(folder, file, store, signer=signer, with_findings=wanted.with_findings)
        return bundles.told(file, signer)

    return write
