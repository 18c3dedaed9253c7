"""Whose decision each change of a prompt is."""

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tep_nb import report
from tep_nb.core.review import Proposal
from tep_nb.core.text import Prompt
from tep_nb.report.authorship import pieces
from tep_nb.report.rows import Record

WORDS = st.lists(st.sampled_from(["count", "the", "things", ".", "\n", "{{q}}", "not", "all"]), min_size=1, max_size=12)
TEXTS = st.lists(WORDS.map(lambda words: f"Now {' '.join(words)}"), min_size=2, max_size=6)


def edits(texts: list[str]) -> list[Record]:
    found = []
    for number, (before, after) in enumerate(pairwise(texts), 1):
        if before != after:
            proposal = Proposal(str(number), "p", ("p",), "free", before, after, Prompt(before).diff(after))
            found.append(Record(number, number, "free", proposal, proposal.approve("ann"), None))
    return found


@given(TEXTS)
def test_the_pieces_hold_the_first_and_the_last_text(texts: list[str]) -> None:
    """What was not removed is the last text, what was not added is the first; nothing was added and removed again."""
    found = pieces(texts[0], edits(texts))
    assert "".join(piece.text for piece in found if not piece.removed) == texts[-1]
    assert "".join(piece.text for piece in found if not piece.added) == texts[0]
    assert not [piece for piece in found if piece.added and piece.removed]


def test_each_change_has_its_decision() -> None:
    """Later edits do not take over what earlier ones wrote; what is taken out again is gone."""
    texts = ["Count things.", "Count all things.", "Count all things. Be brief.", "Count all. Be brief."]
    found = pieces(texts[0], edits(texts))
    assert {piece.added for piece in found if "all" in piece.text} == {1}
    assert {piece.added for piece in found if "brief" in piece.text} == {2}
    assert [piece.text.strip() for piece in found if piece.removed] == ["things"]
    assert "all" not in "".join(piece.text for piece in pieces(texts[0], edits([*texts, "Count."])))


def test_a_session_is_laid_out_with_what_became_of_it(journal: Path) -> None:
    """Of a journal with an undo, an edit by hand and a skip: the kept decisions make each prompt as it stands."""
    history, _ = report.read(journal)
    state = history.state
    for name, prompt in state.prompts.items():
        kept = [r for r in history.records if r.kept and r.proposal.prompt == name]
        found = pieces(state.lineage[-1].prompts[name].text, kept)
        assert "".join(piece.text for piece in found if not piece.removed) == prompt.text
