# ruff: noqa: E501
"""The simulated editor: small edits by meaning, larger ones by chance, and reasons that are heeded."""

from __future__ import annotations

import json

import pytest

from tep_nb.core.text import count_tokens
from tep_nb.method.template import fence, fill, load
from tep_nb.model.base import Message, Request
from tep_nb.model.simulated import SimulatedModel
from tep_nb.model.simulated.recogniser import evidence

PROMPT = "Answer the question.\n\nQuestion: {{question}}\nTotal: {{total}}"
RULES = "- Keep each of these placeholders exactly as often as it stands: {{question}}, {{total}}. Add none.\n"
NUDGED_RULES = RULES + (
    "- Change at most 3 places and at most 24 words and punctuation marks; let the prompt grow by at most 40; its length may be at most 110."
)
FREE_RULES = RULES + "- Prefer one short sentence; more than 40 added words and punctuation marks are flagged."
DIGITS, WORKING, ENDING = "Write the number in digits.", "Show your working.", "End with the total."


def critiques(*points, times=3):
    lines = "score: 6.2\n" + ("\n".join(f"- about: the total\n  do: {point}" for point in points) or "content")
    return "\n".join([fence("critique", lines)] * times)


def rejected(reason, added):
    told = fence("rejected", f"reason: {reason}\nadded: {added}\nremoved: ")
    return "\n" + fill(load("editor_rejected"), {"edits": told}) + "\n"


def agent(prompt):
    return fence("role", "Answers.") + "\n" + fence("prompt", prompt)


def free(prompt, *points, refused="", times=3):
    values = {"agent": agent(prompt), "critiques": critiques(*points, times=times), "rejected": refused, "rules": FREE_RULES}
    return fill(load("editor_free"), values)


def nudged(prompt, before, after, refused=""):
    values = {"agent": agent(prompt), "free": critiques(*before), "nudged": critiques(*after), "rejected": refused, "rules": NUDGED_RULES}
    return fill(load("editor_nudged"), values)


def edit(text, seed=0, **dials):
    model = SimulatedModel(**{"verbose": 0, "leak": 0, **dials})
    return json.loads(model.answer(Request((Message.of("user", text),), temperature=0.7, seed=seed)).text)


def test_what_is_not_yet_asked_for_comes_first():
    """A point that the prompt asks for already does not keep a new one out, however many critiques make it."""
    prompt = PROMPT.replace("question.", f"question. {WORKING}", 1)
    papers = "\n".join([critiques("Explain step by step how you get there.", times=5), critiques(DIGITS, times=2)])
    values = {"agent": agent(prompt), "critiques": papers, "rejected": "", "rules": FREE_RULES}
    new = edit(fill(load("editor_free"), values))["prompt"]
    assert evidence(new, "digits") >= 2
    assert evidence(new, "working") == evidence(prompt, "working")


def test_the_wish_of_a_critique_gets_into_the_prompt():
    """A point becomes a sentence behind the instruction; the fields stay as they are."""
    new = edit(free(PROMPT, DIGITS))["prompt"]
    assert evidence(new, "digits") >= 2
    assert new.endswith(PROMPT.partition("\n")[2])
    assert new.startswith("Answer the question. ")


def test_contrast_is_by_meaning():
    """A point that stands in the free critiques in other words is held back, and nothing left is null."""
    reply = edit(nudged(PROMPT, ["Explain your reasoning step by step."], [WORKING, DIGITS]))
    assert evidence(reply["prompt"], "digits") >= 2
    assert evidence(reply["prompt"], "working") < 1
    assert reply["held_back"]
    nothing = edit(nudged(PROMPT, ["Use numerals."], [DIGITS]))
    assert nothing["prompt"] is None
    assert nothing["held_back"]


def test_content_critiques_propose_nothing():
    """No point, no edit."""
    assert edit(free(PROMPT))["prompt"] is None


def test_an_edit_that_is_too_large_gets_smaller_when_asked_again():
    """An editor that oversteps keeps to the bound at the second ask."""
    text = nudged(PROMPT, [], [DIGITS])
    model = SimulatedModel(verbose=1.0)
    first = model.answer(Request((Message.of("user", text),), temperature=0.7)).text
    assert count_tokens(json.loads(first)["prompt"]) - count_tokens(PROMPT) > 40
    fault = fill(load("again"), {"fault": "the edit changes 61 words and punctuation marks, 24 are allowed: smaller, please"})
    again = (Message.of("user", text), Message.of("assistant", first), Message.of("user", fault))
    second = json.loads(model.answer(Request(again, temperature=0.7)).text)["prompt"]
    assert 0 < count_tokens(second) - count_tokens(PROMPT) <= 24


@pytest.mark.parametrize("seed", range(12))
def test_rejected_ideas_do_not_come_back(seed):
    """An idea that was refused for what it asks is not proposed again in other words; another point is."""
    refused = rejected("we do not want this", "Give the total as a numeral.")
    new = edit(free(PROMPT, DIGITS, DIGITS, ENDING, refused=refused), seed)["prompt"]
    assert evidence(new, "digits") < 1
    assert evidence(new, "ending") >= 2


@pytest.mark.parametrize("reason", ["one sentence, please", "too long: make it shorter", "Please be more concise."])
def test_a_reason_about_length_is_heeded(reason):
    """The idea comes back, short."""
    refused = rejected(reason, "As an experienced assistant you are invited to work with care. Give the total as a numeral.")
    new = edit(free(PROMPT, DIGITS, refused=refused), verbose=1.0)["prompt"]
    assert evidence(new, "digits") >= 2
    assert count_tokens(new) - count_tokens(PROMPT) <= 14


def test_a_reason_can_forbid_and_ask():
    """``do not ask for X`` bans X; a wish in a reason becomes the next edit."""
    refused = rejected("Do not ask for digits.", "Please be careful.")
    assert edit(free(PROMPT, DIGITS, refused=refused))["prompt"] is None
    wished = rejected("Ask for the total at the end instead.", WORKING)
    new = edit(free(PROMPT, WORKING, refused=wished))["prompt"]
    assert evidence(new, "ending") >= 2
    assert evidence(new, "working") < 1


def test_evidence_in_a_reason_is_no_wish():
    """The numbers of an automatic rejection are not taken for a format or a wish."""
    refused = rejected("worse: metric 12.5% -> 5.0% on 40 rows, 0 won, 3 lost, p = 1.000", WORKING)
    assert edit(free(PROMPT, WORKING, refused=refused))["prompt"] is None


def test_a_flaw_that_persists_is_asked_for_again_in_other_words():
    """Where the instruction is there and most critiques still miss it, the prompt gets a second wording, not the same twice."""
    there = PROMPT.replace("question.", f"question. {DIGITS}", 1)
    new = edit(free(there, DIGITS))["prompt"]
    assert new is not None
    assert new.count(DIGITS) == 1
    assert evidence(new, "digits") > evidence(there, "digits")
    assert edit(free(there, DIGITS, times=1))["prompt"] is None


def test_a_harmful_sentence_is_replaced():
    """A wish against which a sentence of the prompt speaks takes that sentence's place."""
    harmful = PROMPT.replace("question.", "question. Spell the number out in words.", 1)
    new = edit(free(harmful, DIGITS))["prompt"]
    assert "Spell the number out" not in new
    assert evidence(new, "digits") >= 2


def test_foreign_suggestions_are_taken_at_their_word():
    """What no skill covers is put into the prompt as it was said."""
    new = edit(free(PROMPT, "Address the reader by the first name"))["prompt"]
    assert "Address the reader by the first name." in new


def test_leaks_come_from_quotes_and_stop_when_refused():
    """A question that a critique quotes may get into the prompt, but not after a reason that names the quotation."""
    quote = "I have a flute, two pianos, three lamps, a chair, and a drum. How many musical instruments do I have?"
    paper = fence("critique", f'score: 5.0\n- about: "{quote}"\n  do: {DIGITS}')
    values = {"agent": agent(PROMPT), "critiques": paper, "rejected": "", "rules": FREE_RULES}
    assert quote in edit(fill(load("editor_free"), values), leak=1.0)["prompt"]
    refused = rejected("do not quote questions", f'Give the total as a numeral. For example: "{quote}"')
    assert quote not in edit(fill(load("editor_free"), {**values, "rejected": refused}), leak=1.0)["prompt"]
