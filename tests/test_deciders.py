"""Rules of the deciders."""

from dataclasses import replace
from typing import Any

import pytest

from tep_nb.core.review import Evidence, Proposal
from tep_nb.core.text import Prompt
from tep_nb.core.visible import visible
from tep_nb.deciders import Console, Policy, approve_all, approve_if, is_policy, marked, parse, reject_all
from tep_nb.errors import ConfigError

BEFORE = "Count the things. Be exact.\nQuestion: {{question}}"
LONGER = "Count the things. Be exact. Keep amounts.\nQuestion: {{question}}"
SHORTER = "Count the things.\nQuestion: {{question}}"


def proposal(after: str = LONGER, phase: str = "nudged", warnings: tuple[str, ...] = ()) -> Proposal:
    return Proposal("0.1.tally.1", "tally", ("tally",), phase, BEFORE, after, Prompt(BEFORE).diff(after), warnings=warnings)


def evidence(label: str = "proven", kind: str = "metric", **more: object) -> Evidence:
    numbers = {"worse": (0.5, 0.25, 0, 10), "no worse": (0.5, 0.525, 1, 0), "proven": (0.5, 0.75, 10, 0)}[label]
    before, after, wins, losses = numbers
    made = Evidence("tally", LONGER, "digest", kind, label, before, after, 40, wins, losses, 0.01)  # type: ignore[arg-type]
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("phase", ["free", "nudged"])
def test_approve_all_rejects_worse_with_the_evidence_as_reason(phase: str) -> None:
    """Worse evidence of either phase is a rejection whose reason is the evidence's summary and whose author is the policy."""
    found = evidence("worse")
    decision = approve_all(proposal(phase=phase), found)
    assert decision is not None
    assert (decision.verdict, decision.reason, decision.by, decision.text) == ("reject", found.summary(), "approve_all", None)


@pytest.mark.parametrize(
    ("local", "after", "verdict"),
    [
        (None, LONGER, "reject"),
        ((6.0, 6.0), LONGER, "reject"),
        ((6.0, 5.0), LONGER, "reject"),
        ((6.0, 6.1), LONGER, "approve"),
        (None, SHORTER, "approve"),
        ((6.0, 5.0), SHORTER, "approve"),
    ],
)
def test_approve_all_lets_no_worse_pass_in_the_nudged_phase_only_with_a_better_score_or_a_shorter_prompt(
    local: tuple[float, float] | None, after: str, verdict: str
) -> None:
    """Nudged *no worse* needs a local score that rose, or a prompt with fewer tokens."""
    decision = approve_all(proposal(after), evidence("no worse", local=local))
    assert decision is not None
    assert decision.verdict == verdict


def test_approve_all_approves_no_worse_in_the_free_phase() -> None:
    """In the free phase an edit is kept unless the score fell."""
    decision = approve_all(proposal(phase="free"), evidence("no worse", "local", p=None))
    assert decision is not None
    assert (decision.verdict, decision.text) == ("approve", LONGER)


def test_approve_all_rejects_a_leak_whatever_the_evidence() -> None:
    """A proposal that quotes rows is rejected, and the warning is the reason."""
    for phase, found in (("free", None), ("nudged", evidence())):
        decision = approve_all(proposal(phase=phase, warnings=("growth: 41", "leak: quotes row 7")), found)
        assert decision is not None
        assert (decision.verdict, decision.reason) == ("reject", "leak: quotes row 7")


def test_approve_all_without_evidence_approves_in_free_and_passes_in_nudged() -> None:
    """No evidence, or a critic's alone, leaves a nudged proposal pending."""
    free = approve_all(proposal(phase="free"), None)
    assert free is not None
    assert free.verdict == "approve"
    assert approve_all(proposal(), None) is None
    assert approve_all(proposal(), evidence("no worse", "local")) is None


def test_reject_all_rejects() -> None:
    """Everything is rejected, by name."""
    decision = reject_all(proposal(), evidence())
    assert decision is not None
    assert (decision.verdict, decision.by) == ("reject", "reject_all")


def test_approve_if_wants_the_label_and_the_gain() -> None:
    """Less than the label, or less than the gain, is left to somebody else."""
    assert approve_if()(proposal(), evidence("no worse", local=(5, 6))) is None
    assert approve_if("no worse")(proposal(), evidence("no worse", local=(5, 6))).verdict == "approve"  # type: ignore[union-attr]
    assert approve_if("no worse")(proposal(), evidence("no worse")) is None
    assert approve_if("no worse")(proposal(), evidence("worse")) is None
    assert approve_if(gain=0.25)(proposal(), evidence()).verdict == "approve"  # type: ignore[union-attr]
    assert approve_if(gain=0.26)(proposal(), evidence()) is None
    assert approve_if()(proposal(), None) is None


def test_approve_if_lets_warnings_pass_only_when_told_and_leaks_never() -> None:
    """``warnings=True`` covers growth, not a leak."""
    grown, leaked = proposal(warnings=("growth: 41 words",)), proposal(warnings=("leak: row 3",))
    assert approve_if()(grown, evidence()) is None
    assert approve_if(warnings=True)(grown, evidence()).verdict == "approve"  # type: ignore[union-attr]
    assert approve_if(warnings=True)(leaked, evidence()) is None


def test_approve_if_rejects_the_rest_when_told() -> None:
    """``otherwise="reject"`` rejects with the evidence, and the warnings, as the reason."""
    found = evidence("worse")
    decision = approve_if(otherwise="reject")(proposal(warnings=("growth: 41",)), found)
    assert decision is not None
    assert (decision.verdict, decision.reason) == ("reject", f"growth: 41; {found.summary()}")
    assert decision.by == "approve_if:proven,reject"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("approve_all", "approve_all"),
        (" reject_all ", "reject_all"),
        ("console", "console"),
        ("approve_if", "approve_if:proven"),
        ("approve_if:proven,gain=0.02", "approve_if:proven,gain=0.02"),
        ("approve_if:proven,gain=0.02,reject", "approve_if:proven,gain=0.02,reject"),
        ("approve_if:gain=0.02,label=no-worse,otherwise=reject", "approve_if:no worse,gain=0.02,reject"),
        ("approve_if:no worse,warnings", "approve_if:no worse,warnings"),
        ("approve_if:No_Worse,warnings=false,ask", "approve_if:no worse"),
    ],
)
def test_a_policy_text_names_its_decider(text: str, name: str) -> None:
    """The name of a parsed policy is its canonical text, which parses to itself."""
    assert parse(text).name == name
    assert parse(name).name == name


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("aprove_all", "approve_all"),
        ("approve_if:provn", "'proven'"),
        ("approve_if:gains=1", "'gain'"),
        ("approve_if:gain=much", "gain=0.02"),
        ("approve_if:gain=nan", "outside 0 to 10"),
        ("approve_if:worse", "override"),
        ("approve_if:proven,no worse", "twice"),
        ("approve_if:", "argument ''"),
        ("approve_if:otherwise=accept", "ask or reject"),
        ("approve_all:now", "takes no arguments"),
        ("", "policy ''"),
    ],
)
def test_a_wrong_policy_text_is_one_line_with_a_hint(text: str, hint: str) -> None:
    """Unknown names and arguments are ConfigErrors that say what there is."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


def asked(answers: list[str], of: Proposal, found: Evidence | None = None) -> tuple[object, str]:
    said: list[str] = []
    queue = iter(answers)

    def ask(question: str) -> str:
        said.append(question)
        try:
            return next(queue)
        except StopIteration:
            raise EOFError from None

    return Console(ask, said.append, by="ann")(of, found), "\n".join(said)


def test_the_console_shows_diff_and_evidence_and_takes_an_answer() -> None:
    """The person sees hunk, warning and numbers; the decision carries the person's name."""
    decision, said = asked(["x", "a"], proposal(warnings=("growth: 41",)), evidence())
    assert (decision.verdict, decision.by, decision.override) == ("approve", "ann", None)  # type: ignore[attr-defined]
    for part in ("(1){+ Keep amounts.+}", "growth: 41", "proven: metric 50.0% -> 75.0%"):
        assert part in said


@pytest.mark.parametrize(
    ("answers", "verdict", "text", "reason"),
    [
        (["r", "", "r", "no examples please"], "reject", None, "no examples please"),
        (["s"], "skip", None, ""),
        (["t", "9", "t", "1"], "take", LONGER, ""),
        (["e", "Count. {{q}}", ".", "e", "Count.", "{{question}}", "."], "edit", "Count.\n{{question}}", ""),
    ],
)
def test_the_console_asks_again_after_a_wrong_answer(
    answers: list[str], verdict: str, text: str | None, reason: str
) -> None:
    """An empty reason, an unknown hunk and a lost placeholder are said, and the question comes again."""
    decision, _ = asked(answers, proposal())
    assert (decision.verdict, decision.text, decision.reason) == (verdict, text, reason)  # type: ignore[attr-defined]


def test_the_console_leaves_pending_what_nobody_answers() -> None:
    """The end of the input and ``q`` are no consent."""
    assert asked([], proposal(), evidence())[0] is None
    assert asked(["q"], proposal(), evidence())[0] is None


def test_the_console_wants_a_reason_against_the_evidence() -> None:
    """Approving worse evidence or a leak asks for the override, and an empty one is refused."""
    decision, _ = asked(["a", " ", "a", "the metric is wrong on row 3"], proposal(), evidence("worse"))
    assert decision.override == "the metric is wrong on row 3"  # type: ignore[attr-defined]
    decision, _ = asked(["a", "public text"], proposal(warnings=("leak: row 3",)), evidence())
    assert decision.override == "public text"  # type: ignore[attr-defined]


def test_hostile_text_reaches_no_terminal() -> None:
    """Escape, bidi, zero-width, filler and lone surrogate characters are spelled out; line breaks and letters stay."""
    hidden = "\x1b[2J\u202eabc\u200b\u3164\ud800\r\u2028\x9b\ufeff\xa0"
    shown = visible(hidden)
    assert shown.isprintable()
    assert shown.startswith("⟦U+001B⟧[2J⟦U+202E⟧abc⟦U+200B⟧⟦U+3164⟧⟦U+D800⟧⟦U+000D⟧⟦U+2028⟧")
    assert visible("Zähle\n\t数える 👍") == "Zähle\n\t数える 👍"
    after = BEFORE.replace("exact", "exact\x1b]0;x\x07")
    _, said = asked(["s"], replace(proposal(after), rationale="\x1b[31m"))
    assert "\x1b" not in said
    assert "⟦U+001B⟧" in said


def test_an_edit_is_marked_in_words() -> None:
    """Removed and added words are marked, the rest stands as it is."""
    assert marked(BEFORE, Prompt(BEFORE).diff(SHORTER)) == BEFORE.replace(" Be exact.", "[- Be exact.-]")


CRITIC = {"kind": "local", "before": 5.0, "after": 5.0}
NO_WORSE = {"label": "no worse", "before": 0.5, "after": 0.5}


@pytest.mark.parametrize(
    ("policy", "more", "found", "said"),
    [
        (approve_if(), {}, None, "there is no evidence"),
        (approve_if(), {}, {**NO_WORSE, **CRITIC}, "only the critic's score is known, the metric is needed"),
        (approve_if(), {"phase": "free"}, NO_WORSE, "no worse, proven is needed"),
        (approve_if("no worse", gain=0.5), {"phase": "free"}, NO_WORSE, "gain 0.0 points, 50.0 are needed"),
        (approve_if("no worse", 1), {"phase": "free"}, NO_WORSE | CRITIC, "the critic's score gains 0.0, 1 is needed"),
        (approve_if("no worse"), {"phase": "free", "warnings": ("growth: 41",)}, NO_WORSE, "warning: growth: 41"),
        (approve_if("no worse", warnings=True), {"phase": "free", "warnings": ("leak: x",)}, NO_WORSE, "warning: leak: x"),
        (approve_if("no worse"), {}, NO_WORSE, "the critic's score did not rise and the prompt is not shorter"),
        (
            approve_if(gain=0.02),
            {"phase": "free", "warnings": ("growth: 41",)},
            NO_WORSE,
            "no worse, proven is needed; gain 0.0 points, 2.0 are needed; warning: growth: 41",
        ),
        (approve_all, {}, None, "there is no evidence"),
    ],
)
def test_a_policy_says_what_is_missing(
    policy: Policy, more: dict[str, Any], found: dict[str, Any] | None, said: str
) -> None:
    """In words, all that keeps it from deciding; and then it leaves the proposal to a person."""
    proof = None if found is None else evidence(**found)
    assert policy(proposal(**more), proof) is None
    assert policy.unmet(proposal(**more), proof) == said


def test_a_policy_that_decides_lacks_nothing() -> None:
    """Where it approves or rejects, nothing is unmet."""
    for policy in (approve_if("no worse"), approve_if(otherwise="reject"), approve_all, reject_all):
        assert policy(proposal(phase="free"), evidence("no worse")) is not None
        assert policy.unmet(proposal(phase="free"), evidence("no worse")) == ""


@pytest.mark.parametrize(("name", "policy"), [
    ("approve_all", True), ("approve_if:no worse,gain=0.02", True), ("ada", False), ("approve_if:nonsense", False),
    ("approve_all_of_it", False), ("console", False), ("\u202e\ud800<b>", False), ("", False),
])  # fmt: skip
def test_author_is_a_policy_where_its_name_says_a_rule(name: str, policy: bool) -> None:
    """All other names are persons', also those that begin like a policy's."""
    assert is_policy(name) is policy
