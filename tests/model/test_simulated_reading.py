"""How sentences are taken apart: negation and its scope, clauses, pairs of numerals, and which act is meant."""

from __future__ import annotations

import pytest

from tep_nb.model.base import Message, Request
from tep_nb.model.simulated import SimulatedModel
from tep_nb.model.simulated.layout import layout
from tep_nb.model.simulated.patterns import numeral_pair
from tep_nb.model.simulated.recogniser import evidence
from tep_nb.model.simulated.scene import act_of, read_text
from tep_nb.model.simulated.things import entries

QUESTION = "I have a flute, two pianos, three lamps, and a drum. How many musical instruments do I have?"


@pytest.mark.parametrize(
    ("sentence", "skill", "sign"),
    [
        ("Nothing that is named in the text may be dropped.", "all", 1),
        ("No thing which was listed should be left out.", "all", 1),
        ("None of the objects that are listed can be skipped.", "all", 1),
        ("Check that no thing was dropped.", "all", 1),
        ("Skip things that are not of the kind asked for.", "kind", 1),
        ("Things not of the kind asked for must be skipped.", "kind", 1),
        ("Listing things that are not of the kind asked for is wrong.", "kind", 1),
        ("Do not skip things that the question mentions.", "kind", 0),
        ("Do not skip things that the question mentions.", "all", 1),
        ("Skip an unwanted thing.", "all", 0),
        ("A reply without a calculation is not acceptable.", "working", 1),
        ("Replies with no calculation are refused.", "working", 1),
        ("Partial lists are useless.", "all", 1),
        ("Partial lists are fine.", "all", -1),
        ("Do not just give the result, give the calculation too.", "working", 1),
        ("Would you please give the total as a numeral?", "digits", 1),
        ("You may leave the amounts out.", "amounts", -1),
        ("It'd be good to keep each thing's count.", "amounts", 1),
        ("Instead of words use digits.", "digits", 1),
        ("Instead of digits use words.", "digits", -1),
        ("List no more than four things.", "all", -1),
        ("First explain, then answer.", "ending", 0),
        ("Write nothing once you have given the total.", "ending", 1),
        ("Sort from A to Z.", "letters", 1),
        ("Do not sort alphabetically.", "letters", -1),
    ],
)
def test_what_a_sentence_asks_for(sentence, skill, sign):
    """A wish is told from its opposite and from a sentence that speaks of something else."""
    amount = evidence(sentence, skill)
    assert (amount >= 1) - (amount <= -1) == sign


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("say 8 , not eight", 1),
        ("write eight , not 8", -1),
        ("eight is written 8", 1),
        ("write 8 as eight", -1),
        ("do not write 8 as eight", 1),
        ("it is 8 such as this , never the word eight", 1),
        ("say 9 where you would otherwise say nine", 1),
        ("write 8 , not nine", 0),
        ("write one line for 1 thing", 0),
    ],
)
def test_a_numeral_and_its_word(sentence, wanted):
    """Of a numeral and the word for it the one that is not denied is wanted, else the later one."""
    assert numeral_pair(sentence.split()) == wanted


@pytest.mark.parametrize("manner", ["Answer in English.", "Reply quickly.", "Say bye.", "Counting is fun.", "Quantities matter."])
def test_the_act_is_that_of_the_order(manner):
    """A sentence on the manner before an instruction does not change what is done, whatever verb it opens with."""
    scene = read_text(f"{manner} List the things in the question.\n\nQuestion: {QUESTION}")
    assert act_of(scene) == "list"


@pytest.mark.parametrize("line", ["A piano is heavy.", "Bananas are yellow.", "Some people own two violins.", "Cats like fish."])
def test_sentences_about_things_are_no_data(line):
    """A line with a verb in it is no list of things, though it names one; without the verb it is."""
    assert entries(line) == ()
    assert entries("a piano, two violins") != ()


def test_the_layout_is_the_one_that_is_not_avoided():
    """Commas that are to be avoided do not separate."""
    found = layout("Avoid commas between entries; go to a new line instead, and write name: number.")
    assert (found.between, found.joiner) == (": ", "\n")


@pytest.mark.parametrize(
    "question",
    [
        "What is 12 + 30?",
        "Translate into French: My friend has three chairs and a lamp.",
        "Tom has 4 apples and buys 3 more. How many apples does he have now?",
        "I have two dogs, a cat, and a fish. How old am I?",
        "I have 3 apples and two pears. Which do I have more of?",
        "How many letters are in the word strawberry?",
        "Does the use of statins lower the risk of a second stroke?",
    ],
)
@pytest.mark.parametrize("prompt", ["List the things.", "Count the things.", "Answer the question.", "Sort the words."])
def test_near_misses_of_the_task_are_unknown(prompt, question):
    """Questions that only look like counting or sorting get no confident number, whoever is asked."""
    for beside in ("", "\nItems: I do not know how to do this.\nTotal: 1"):
        request = Request((Message.of("user", f"{prompt} Keep the amounts.\n\nQuestion: {question}{beside}"),))
        assert SimulatedModel().answer(request).text.startswith("I do not know")
