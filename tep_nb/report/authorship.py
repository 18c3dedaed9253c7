"""Whose decision each change of a prompt is: the way from the first text to the last as one text with owners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tep_nb.core.text import Change
from tep_nb.report.rows import Record

__all__ = ["Piece", "pieces"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with one history.

    Attributes
    ----------
    text : str
    added, removed : int
        The number of the decision that added or removed it; 0: it was there from the beginning, it is still there.
    """

    text: str
    added: int = 0
    removed: int = 0


def pieces(first: str, records: Iterable[Record]) -> list[Piece]:
    """Lay the applied edits of one prompt over one another.

    What was added and removed again on the way is left out; so the pieces that are not removed make the last text, and those that
    were not added the first.

    Parameters
    ----------
    first : str
        The text with which the session began.
    records : iterable of Record
        Decisions on this prompt in order, all of them part of the result.
    """
    found = [Piece(first)] if first else []
    for record in records:
        if record.decision.text is not None:
            changes = sorted((change for hunk in record.hunks for change in hunk.changes), key=lambda change: change.start)
            found = _edited(found, changes, record.number)
    return _joined(found)


def _edited(before: list[Piece], changes: list[Change], number: int) -> list[Piece]:
    """One edit laid over the pieces; its places count the characters that are still there."""
    found: list[Piece] = []
    rest = list(reversed(before))
    at = 0
    for change in changes:
        at = _move(rest, found, at, change.start)
        at = _move(rest, found, at, change.end, number)
        if change.new:
            found.append(Piece(change.new, added=number))
    return [*found, *reversed(rest)]


def _move(rest: list[Piece], found: list[Piece], at: int, to: int, removed: int = 0) -> int:
    """Take pieces up to a place in the living text, and mark them as removed where asked to."""
    while at < to:
        piece = rest.pop()
        if piece.removed:
            found.append(piece)
            continue
        length = min(len(piece.text), to - at)
        if length < len(piece.text):
            rest.append(replace(piece, text=piece.text[length:]))
        at += length
        taken = replace(piece, text=piece.text[:length], removed=removed)
        if not (removed and piece.added):
            found.append(taken)
    return at


def _joined(found: list[Piece]) -> list[Piece]:
    """Neighbours of one history as one piece."""
    joined: list[Piece] = []
    for piece in found:
        last = joined[-1] if joined else None
        if last is not None and (last.added, last.removed) == (piece.added, piece.removed):
            joined[-1] = replace(last, text=last.text + piece.text)
        else:
            joined.append(piece)
    return joined
