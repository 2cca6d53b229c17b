"""An audit's result: its report, and what can be asked of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit import changes, disclosures, explain, gates, output, reports
from sourcing_audit.api.tables import AuditTables, Place
from sourcing_audit.model import Outcome, ShardInfo, Status
from sourcing_audit.remembered import Contents, tombstones
from sourcing_audit.rules.changes import ChangeRules
from sourcing_audit.sources.subset import write_subset

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sourcing_audit.attribution import Attribution
    from sourcing_audit.config import WaiverConfig
    from sourcing_audit.engine import Engine
    from sourcing_audit.notebook import Plots
    from sourcing_audit.report import Changes, Report
    from sourcing_audit.rules import RuleStore


class AuditReport(AuditTables):
    """An audited dataset: `.report` is plain data, its tables are lazy Ibis expressions.

    Close it, or use it as a context manager, to free the engine; what was saved stays.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        report: Report,
        store: RuleStore,
    ) -> None:
        """Open what an audit left in a folder; use `audit()` or `load()` instead."""
        super().__init__(engine, folder)
        self._store = store
        self.report = report

    @property
    def plot(self) -> Plots:
        """Charts with Altair, for notebooks: `status`, `licenses`, `hosts`, `consent_over_time`."""
        from sourcing_audit.notebook import Plots

        return Plots(self._engine, self.report, self.groups, self.records)

    def explain(self, item_id: str) -> list[explain.Explanation]:
        """Each rule and record behind an item's verdict; several answers where ids repeat.

        Raises:
            InputError: no item has this id.

        """
        return explain.explain(self._engine, self._tables, self.report, self._store, item_id)

    def compare(self, earlier: Place | AuditReport) -> changes.Comparison:
        """Hold this audit against an earlier one of the same dataset, item by item.

        Args:
            earlier: its folder, or the audit itself, which mustn't be closed yet.

        Returns:
            `.changes`, plain data, and `.items`, a lazy table of the items that aren't as they
            were; it ends with this report.

        Raises:
            InputError: the folder isn't an audit's.

        """
        rules = ChangeRules.load(self._store)
        return changes.compare(self._engine, self._opened(earlier), self._own, rules)

    def diff(self, earlier: Place | AuditReport) -> Changes:
        """What changed since an earlier audit of the same dataset; see `compare`.

        Raises:
            InputError: the folder isn't an audit's.

        """
        return self.compare(earlier).changes

    def judge(
        self,
        limits: Sequence[gates.Limit],
        *,
        waivers: Sequence[WaiverConfig] = (),
        baseline: Place | AuditReport | None = None,
    ) -> gates.Judgement:
        """Hold this audit against limits; the report stays as it is.

        Args:
            limits: what may be found, and how often.
            waivers: findings that somebody answers for; they don't count.
            baseline: an earlier audit, as for `compare`; what it found doesn't count.

        Raises:
            InputError: the baseline isn't an audit's folder.

        """
        return gates.judge(
            self._engine,
            self._own,
            limits,
            stated=waivers,
            reasons=ChangeRules.load(self._store).waivers,
            baseline=None if baseline is None else self._opened(baseline),
        )

    @property
    def _own(self) -> changes.Audited:
        return changes.Audited(self.report, self._tables)

    def _opened(self, earlier: Place | AuditReport) -> changes.Audited:
        """An earlier audit's report, and its tables in this one's engine."""
        if isinstance(earlier, AuditReport):
            return changes.Audited(earlier.report, output.tables(self._engine, earlier.folder))
        folder = Path(earlier)
        return changes.Audited(output.read(folder), output.tables(self._engine, folder))

    def disclose(self, form: str, style: str | None = None) -> str:
        """A disclosure form, filled with what this audit bears out.

        Args:
            form: `aimeg`, `eu-ai-act`, `ab-2013` or `dataset-card`.
            style: `markdown` or `json`; `text` for the short `aimeg`, `yaml` for the front matter
                of a card. The form's first by default.

        Raises:
            ConfigError: there is no such form, or it isn't written in this style.

        """
        return disclosures.disclosure(self.report, form, self._store, style)

    def check_disclosure(self, text: str) -> disclosures.Checked:
        """What this audit says to each statement of a disclosure, a card or a form's JSON."""
        return disclosures.check_text(text, self.report, self._store)

    def returned(self, file: Place, contents: Contents, names: Sequence[str]) -> int:
        """How many items of some remembered inputs have a tombstone's key.

        Args:
            file: of tombstones.
            contents: where the keys of this audit's inputs were remembered.
            names: of these contents.

        Raises:
            InputError: the file isn't one of tombstones.

        """
        found = tombstones.returned(self._engine, Path(file), contents, names)
        return 0 if found is None else tombstones.count(self._engine, found)

    def save(self, folder: Place, formats: Sequence[str] = ()) -> Path:
        """Write reports, findings and evidence into a folder, all of it or nothing.

        Args:
            folder: where to.
            formats: names of formats beside JSON, which is always written; Markdown, HTML and the
                disclosure by default.

        Raises:
            ConfigError: a format isn't known or needs what isn't installed.
            OutputError: the folder is taken by something else, or can't be written.

        """
        target = Path(folder)
        output.write(self.folder, self.report, target, formats)
        return target

    def render(self, format_name: str) -> bytes:
        """The report in one format, e.g. `sarif`, as `save` would write it.

        Raises:
            ConfigError: the format isn't known or needs what isn't installed.

        """
        return reports.choose([format_name])[0].render(self.report)

    def filter(
        self,
        file: Place,
        *,
        statuses: Collection[Status | str] = (),
        outcomes: Collection[Outcome | str] = (),
    ) -> int:
        """Write the input rows with a chosen status or outcome, as they stand in the input.

        Args:
            file: where to; its suffix must fit the input's format.
            statuses: any of `model.Status`.
            outcomes: any of `model.Outcome`.

        Returns:
            How many rows were written.

        Raises:
            InputError: an input is gone or has changed since the audit.
            ConfigError: the file doesn't fit the input.
            OutputError: the file can't be written.

        """
        findings = self.findings
        chosen = findings.status.isin([str(Status(one)) for one in statuses]) | (
            findings.outcome.isin([str(Outcome(one)) for one in outcomes])
        )
        keep = findings.filter(chosen).select("shard", "row")
        return write_subset(self._engine, self._shards(), keep, Path(file))

    def attribution(self, folder: Place) -> Attribution:
        """Write the attribution that licences ask for, as Markdown, HTML and CSV.

        Title, author and source aren't kept by an audit: the inputs are read again, and must be
        what was audited.

        Args:
            folder: where to; an earlier attribution there is replaced.

        Returns:
            How many there are, and what isn't on record.

        Raises:
            InputError: an input is gone or has changed since the audit.
            OutputError: the folder is taken by something else, or can't be written.

        """
        from sourcing_audit import attribution

        return attribution.write(
            self._engine, self.findings, self.report, self._shards(), self._store, Path(folder)
        )

    def _shards(self) -> list[ShardInfo]:
        """The inputs as the audit recorded them."""
        return [
            ShardInfo(
                name=one.name,
                format=one.format,
                size=one.size,
                sha256=one.sha256,
                version=one.version,
                items=one.items,
                quarantined=one.quarantined,
                unreadable=one.unreadable,
            )
            for one in self.report.dataset.inputs
        ]

    def _repr_html_(self) -> str:
        from sourcing_audit.notebook import html

        return html(self.report)

    def __repr__(self) -> str:
        name, totals = self.report.dataset.name, self.report.totals
        return f"<AuditReport {name!r}: {totals.verdicts:,} verdicts, {self.report.dataset_status}>"
