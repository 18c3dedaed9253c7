"""What a text would be in the place of a prompt."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts import approve, begin, closing, run

import tep_nb as tep
from tep_nb.core.text import count_tokens
from tep_nb.errors import GraphError
from tep_nb.method.weigh import weigh

METHOD = tep.TEP(seed=1, minibatch=2, free_cap=2, nudged_cap=4, gate_rows=10)


def test_a_text_of_the_free_phase(tmp_path: Path) -> None:
    """Sizes, drift since the start, no bound, growth among the cautions; nothing is recorded."""
    with closing(begin(tmp_path / "r.tep", method=METHOD)) as session:
        state, text = session.state, session.state.prompts["a1"].text
        longer = text.replace("\n", " Be exact." * 20 + "\n")
        found = weigh(METHOD, state, "a1", longer)
        assert (found.before, found.after, found.growth) == (count_tokens(text), count_tokens(text) + 60, 60)
        assert (found.hunks, found.edited, found.drift) == (1, 60, 60)
        assert (found.limits, found.faults) == ((), ())
        assert [caution.partition(":")[0] for caution in found.cautions] == ["growth"]
        assert session.state is state


def test_a_proposals_own_text(tmp_path: Path) -> None:
    """Is within the bound in the nudged phase, and its numbers are the proposal's."""
    method = tep.TEP(seed=1, minibatch=2, phases=("nudged",))
    with closing(begin(tmp_path / "r.tep", method=method)) as session:
        (proposal, _) = run(session.propose()).pending
        found = weigh(method, session.state, proposal.prompt, proposal.after)
        assert found.hunks == len(proposal.hunks)
        assert found.edited == sum(hunk.size for hunk in proposal.hunks)
        assert [limit.name for limit in found.limits] == ["places", "edited", "growth", "length"]
        assert all(limit.kept for limit in found.limits)
        assert found.cautions == proposal.warnings


def test_a_text_beyond_the_bound(tmp_path: Path) -> None:
    """Each limit with what is taken and what is allowed; what is overstepped is what the decision records."""
    with closing(begin(tmp_path / "r.tep", method=METHOD)) as session:
        run(session.run(approve, until="nudged"))
        text = session.state.prompts["a1"].text
        longer = text.replace("\n", " Be exact." * 40 + "\n")
        found = weigh(METHOD, session.state, "a1", longer)
        assert {limit.name: limit.kept for limit in found.limits} == {
            "places": True, "edited": False, "growth": False, "length": False,
        }  # fmt: skip
        assert found.drift == found.edited == 120
        made = session.suggest("a1", longer, by="ada")
        run(session.assess(made))
        session.decide(made.approve("ada", "because"))
        assert session.journal.events()[-1].beyond == tuple(str(limit) for limit in found.limits if not limit.kept)
        back = weigh(METHOD, session.state, "a1", text)
        assert (back.edited, back.drift, back.growth) == (120, 0, -120)


def test_what_cannot_be_applied(tmp_path: Path) -> None:
    """A lost placeholder and a text that changes nothing are faults; they raise nothing here."""
    with closing(begin(tmp_path / "r.tep")) as session:
        text = session.state.prompts["a1"].text
        assert "{{question}} stands 0 times" in weigh(METHOD, session.state, "a1", "Pass on.").faults[0]
        assert "empty" in weigh(METHOD, session.state, "a1", " ").faults[0]
        assert weigh(METHOD, session.state, "a1", text).faults == ("the text is the prompt as it stands",)


def test_bad_questions(tmp_path: Path) -> None:
    """An unknown prompt is named; a text is a str."""
    with closing(begin(tmp_path / "r.tep")) as session:
        with pytest.raises(GraphError, match="no prompt is called 'zz'"):
            weigh(METHOD, session.state, "zz", "x")
        with pytest.raises(TypeError):
            weigh(METHOD, session.state, "a1", None)  # type: ignore[arg-type]
