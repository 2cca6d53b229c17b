"""ScanCode's matching, in the process that holds its index. Only the workers come here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sourcing_audit.licenses.texts.words import Words

_APPROXIMATE = "3-seq"
"""What ScanCode calls the matcher that compares sequences."""
_FILE_LINE_THRESHOLD = 15
"""Lines without a known word that end a run of text; ScanCode's value for files."""
_NEAR = 12
"""Lines around one that looks like a licence, which may belong to the same text."""
_MOST_REST = 200_000
"""Characters of unmatched text that are handed back to be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What ScanCode found in a text."""

    expressions: tuple[str, ...] = ()
    """In ScanCode's keys; they hold together."""
    approximate: bool = False
    rest: str = ""
    """The paragraphs that nothing matched, as far as they look as if they spoke of licences."""
    rest_cut: bool = False
    inserted: tuple[str, ...] = ()
    """Words within what was matched approximately that the licence doesn't have there."""
    lines: tuple[int, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values to send between processes."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Answer:
        """The answer that was sent."""
        lines = values["lines"]
        return cls(
            tuple(values["expressions"]),
            values["approximate"],
            values["rest"],
            values["rest_cut"],
            tuple(values["inserted"]),
            (lines[0], lines[1]) if lines else None,
        )


class Matcher:
    """Matches texts against ScanCode's index, exactly first."""

    def __init__(self, words: Words) -> None:
        """Load the index: a gigabyte, some seconds."""
        from licensedcode.cache import get_index

        self._index = get_index()
        self._words = words

    def answer(self, text: str) -> Answer:
        """What `text` states; compared approximately only if what is left looks like a licence."""
        lines = text.splitlines()
        detections = self._detect(text, approximate=False)
        left = self._left(lines, detections)
        if self._words.dense("\n".join(left)):
            detections = self._detect(self._around(lines, left), approximate=True)
            left = self._left(lines, detections)
        stated = [each for each in detections if each.license_expression]
        matches = [match for each in stated for match in each.matches]
        place = None
        if matches:
            place = (min(m.start_line for m in matches), max(m.end_line for m in matches))
        rest = "\n".join(left)
        return Answer(
            tuple(dict.fromkeys(str(each.license_expression) for each in stated)),
            any(match.matcher == _APPROXIMATE for match in matches),
            rest[:_MOST_REST],
            len(rest) > _MOST_REST,
            self._inserted(matches),
            place,
        )

    def _detect(self, text: str, *, approximate: bool) -> list[Any]:
        """What ScanCode's own scan of a file with this text detects."""
        from licensedcode.cache import get_licensing
        from licensedcode.detection import LicenseDetection, group_matches, process_detections
        from licensedcode.query import Query

        query = Query(query_string=text, idx=self._index, line_threshold=_FILE_LINE_THRESHOLD)
        matches = self._index.match_query(query, approximate=approximate)
        groups = group_matches(matches) if matches else ()
        detections = [LicenseDetection.from_matches(group) for group in groups]
        return list(process_detections(detections, licensing=get_licensing()))

    def _around(self, lines: list[str], left: list[str]) -> str:
        """The text without the lines far from any that is recognised or looks like a licence.

        Comparing takes seconds for each page of code; empty lines keep the numbers of the others.
        """
        kept = set()
        for number, (line, open_) in enumerate(zip(lines, left, strict=True)):
            if line != open_:
                kept.add(number)
            elif self._words.looks(open_):
                kept.update(range(number - _NEAR, number + _NEAR + 1))
        return "\n".join(line if number in kept else "" for number, line in enumerate(lines))

    def _left(self, lines: list[str], detections: Iterable[Any]) -> list[str]:
        """The lines that no statement covers; of those covered in part, the other words."""
        matches = [m for each in detections if each.license_expression for m in each.matches]
        if not matches:
            return lines
        query = matches[0].query
        covered = {position for match in matches for position in match.qspan}
        open_words: dict[int, list[str]] = {}
        touched = set()
        for position, line in enumerate(query.line_by_pos):
            if position in covered:
                touched.add(line)
            else:
                word = self._index.tokens_by_tid[query.tokens[position]]
                open_words.setdefault(line, []).append(word)
        return [
            " ".join(open_words.get(number, ())) if number in touched else line
            for number, line in enumerate(lines, start=1)
        ]

    def _inserted(self, matches: list[Any]) -> tuple[str, ...]:
        """The words between those of approximate matches that belong to no match."""
        covered = {position for match in matches for position in match.qspan}
        between = {
            position
            for match in matches
            if match.matcher == _APPROXIMATE
            for position in range(match.qspan.start, match.qspan.end)
        }
        if not between:
            return ()
        query = matches[0].query
        words = {self._index.tokens_by_tid[query.tokens[at]] for at in between - covered}
        return tuple(sorted(words))
