"""What the simulated editor takes from a person's words, and what the actor does with tasks that it does not know."""

import pytest

from tep_nb.model.base import Message, Request
from tep_nb.model.simulated import SimulatedModel
from tep_nb.model.simulated.editor import edit, point_of
from tep_nb.model.simulated.scene import UNKNOWN
from tep_nb.model.simulated.text import open_letter

ADDED = "Show your working."
PROMPT = "Answer the question.\n\nTotal: {{total}}"

REPORTS = [
    "the answers get worse: worse: metric 25.0% -> 7.5% on 40 rows, 0 won, 7 lost",
    "fewer answers are right with it",
    "fewer answers are right with it (22% to 12%)",
    "accuracy drops by 3 points",
    "the metric went from 10 to 7",
    "7 answers were lost",
    "it does not help",
]


def proposal(reason, suggested):
    """The editor's reply after a rejection, with critiques that suggest the given sentences."""
    critiques = "\n".join(f"~~~ critique\n- about: x\n  do: {do}\n~~~" for do in suggested)
    rejected = f"~~~ rejected\nreason: {reason}\nadded: {ADDED}\nremoved: \n~~~"
    letter = open_letter(f"# Prompt\n~~~ prompt\n{PROMPT}\n~~~\n# Free critiques\n{critiques}\n{rejected}\n# Reply\nJSON")
    return edit(letter, "", 0, SimulatedModel(verbose=0.0, leak=0.0).dials)


@pytest.mark.parametrize("reason", REPORTS)
@pytest.mark.parametrize("wish", ["Write the number in digits.", "Leave none out.", "Keep the amounts."])
def test_a_report_of_results_bans_nothing_but_the_rejected_idea(reason, wish):
    """Numbers and results in a reason are no wishes: another idea is still put forward, the rejected one is not."""
    said = proposal(reason, [wish])
    assert '"prompt": null' not in said
    assert '"prompt": null' in proposal(reason, [ADDED])


def test_a_reason_on_form_keeps_the_idea():
    """``One short sentence, please`` is about the wording: the idea comes back, the rejected words do not."""
    said = proposal("one short sentence, please", ["Explain step by step how you get there."])
    assert '"prompt": null' not in said
    assert ADDED not in said


def test_one_short_sentence_is_no_layout():
    """A reason on the length of an edit does not forbid lines."""
    assert '"prompt": null' not in proposal("one short sentence, please", ["Write one line for each item, as `name: number`."])


def test_a_wish_in_a_reason_comes_first():
    """What a person asks for instead is what the next edit adds."""
    said = proposal("ask for digits instead", ["End with the total."])
    added = said.split('"rationale"', maxsplit=1)[0].split("Answer the question.")[1].split("\\n")[0]
    assert point_of(added.strip()).wish == "+digits"


FOREIGN = [
    "Rewrite: b1\n()",
    "Rewrite: autumn rain",
    "Rewrite: apple",
    "Answer the question from the passages.\n\nQuestion: What is the capital?\nPassages: a, b, c",
    "Answer yes, no or maybe.\n\nQuestion: Do statins help?\nContext: yes",
    "Repair the code.\n\nCode: def f(a, b):\n    return a\nErrors: a, b, c",
    "Judge the poem.\n\nTheme: autumn rain\nPoem: leaves fall, and rain, slow",
]


@pytest.mark.parametrize("text", FOREIGN)
def test_foreign_tasks_get_no_confident_answer(text):
    """Data that happen to look like words or things do not make a foreign task a known one."""
    assert SimulatedModel().answer(Request((Message.of("user", text),))).text.startswith(UNKNOWN)


def test_what_an_agent_did_not_know_is_passed_on():
    """A reply that says that it does not know is recognised inside of a longer text, and in every field of a schema."""
    model = SimulatedModel()
    unable = model.answer(Request((Message.of("user", "Write a haiku."),))).text
    text = f"Answer the question.\n\nQuestion: I have two cats and a dog. How many pets do I have?\nDraft: It says: {unable}"
    schema = {"type": "object", "required": ["a", "b"]}
    said = model.answer(Request((Message.of("user", text),), schema=schema)).text
    assert said.count(UNKNOWN) == len(schema["required"])
