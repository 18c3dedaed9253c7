# ruff: noqa: E501
"""Instructions are followed in many wordings, neutral sentences do nothing, and an opposite is not taken for the wish."""

from __future__ import annotations

import pytest
import test_simulated_fresh_sentences as fresh
import test_simulated_late_sentences as late
import test_simulated_other_sentences as other
import test_simulated_plain_sentences as plain
import test_simulated_seen_sentences as seen

from tep_nb.model.base import Message, Request
from tep_nb.model.simulated import SimulatedModel
from tep_nb.model.simulated.layout import layout
from tep_nb.model.simulated.recogniser import chance, evidence
from tep_nb.task import object_counting, word_sorting

MODEL = SimulatedModel(seed=0)
ROWS = object_counting.generate(100, seed=7)
WORDS = word_sorting.generate(60, seed=7)
COUNTING = {
    "list": ("List the things in the question.{}\n\nQuestion: {}", {"amounts": "Keep the amounts.", "all": "Leave none out."}),
    "tally": (
        "Count the things.{}\n\nQuestion: {}\nItems: {}",
        {
            "amounts": "Keep the amounts.",
            "kind": "Count only things of the kind that the question asks for.",
            "lines": "Write one line for each item, as `name: number`.",
        },
    ),
    "answer": (
        "Answer the question.{}\n\nQuestion: {}\nCounts: {}\nTotal: {}",
        {"digits": "Write the total in digits.", "ending": "End with the total."},
    ),
}
SORTING = {
    "read": ("Write down the words of the question.{}\n\nQuestion: {}", {"all": "Leave none out."}),
    "sort": ("Sort the words.{}\n\nWords: {}", {"letters": "Use full dictionary order, letter by letter."}),
    "reply": (
        "Answer the question.{}\n\nQuestion: {}\nOrdered: {}",
        {"spaces": "Separate the words by single spaces.", "bare": "Give the words and nothing else."},
    ),
}
SOLO = (
    "Answer the question.{}\n\nQuestion: {}",
    ("Keep the amounts.", "Leave none out.", "Count only the kind asked for.", "Write the total in digits.", "End with the total."),
)
HOME = {"amounts": "tally", "all": "list", "kind": "tally", "lines": "tally", "digits": "answer", "ending": "answer"}
WORD_HOME = {"all words": "read", "letters": "sort", "spaces": "reply", "bare": "reply"}


def ask(text: str) -> str:
    return MODEL.answer(Request((Message.of("user", text),))).text


def accuracy(agents: dict, without: str, agent: str = "", sentence: str = "", rows: int = 100) -> float:
    """Accuracy of the good prompts less one instruction, plus a sentence in one agent's prompt."""
    prompts = {}
    for name, (template, wishes) in agents.items():
        said = [wish for skill, wish in wishes.items() if skill != without.split(" ", 1)[0]] + [sentence] * (name == agent)
        prompts[name] = (template, "".join(f" {one}" for one in said))
    return counting(prompts, rows) if agents is COUNTING else sorting(prompts)


def counting(prompts: dict, rows: int) -> float:
    right = 0.0
    for row in ROWS[:rows]:
        question = row["question"]
        items = ask(prompts["list"][0].format(prompts["list"][1], question))
        counts = ask(prompts["tally"][0].format(prompts["tally"][1], question, items))
        total = object_counting.add_up(counts)
        right += float(object_counting.metric(ask(prompts["answer"][0].format(prompts["answer"][1], question, counts, total)), row["target"]))
    return right / rows


def alone(sentence: str, rows: int = 60) -> float:
    """Accuracy of one agent that counts in its head."""
    template, wishes = SOLO
    said = "".join(f" {one}" for one in (*wishes, *([sentence] if sentence else [])))
    answers = [(ask(template.format(said, row["question"])), row["target"]) for row in ROWS[:rows]]
    return sum(float(object_counting.metric(answer, target)) for answer, target in answers) / rows


def sorting(prompts: dict) -> float:
    right = 0.0
    for row in WORDS:
        words = ask(prompts["read"][0].format(prompts["read"][1], row["question"]))
        ordered = ask(prompts["sort"][0].format(prompts["sort"][1], words))
        right += word_sorting.metric(ask(prompts["reply"][0].format(prompts["reply"][1], row["question"], ordered)), row["target"])
    return right / len(WORDS)


def raised(sentences: dict, skills: dict, agents: dict, rows: int = 60) -> tuple[int, int]:
    hits = tries = 0
    for skill, agent in skills.items():
        base = accuracy(agents, skill, rows=rows)
        for sentence in sentences.get(skill, ()):
            tries += 1
            hits += accuracy(agents, skill, agent, sentence, rows) > base
    return hits, tries


@pytest.mark.parametrize("source", [seen, late, plain, fresh])
def test_paraphrases_raise_accuracy(source):
    """A prompt that lacks an instruction gains by nine in ten wordings of it: all of these were seen while tuning."""
    counts = [raised(source.WISHES, skills, agents) for skills, agents in ((HOME, COUNTING), (WORD_HOME, SORTING))]
    assert sum(tries for _, tries in counts) >= 60
    assert all(hits >= 0.95 * tries for hits, tries in counts)


@pytest.mark.parametrize("source", [seen, plain, fresh])
def test_showing_the_work_helps_one_who_counts_alone(source):
    """An agent that counts in its head errs less once it is asked for its working, in nine wordings of ten."""
    base = alone("")
    sentences = source.WISHES["working"]
    assert base < 0.95
    assert sum(alone(sentence) > base for sentence in sentences) >= 0.9 * len(sentences)


@pytest.mark.parametrize("source", [other, plain, fresh])
def test_neutral_sentences_do_nothing(source):
    """At most one in fifteen sentences that ask for nothing changes any accuracy for the better."""
    bases = {skill: accuracy(COUNTING, skill, rows=40) for skill in HOME}
    bad = [s for s in source.NEUTRAL if any(accuracy(COUNTING, skill, agent, s, rows=40) > bases[skill] for skill, agent in HOME.items())]
    assert len(source.NEUTRAL) >= 30
    assert len(bad) <= len(source.NEUTRAL) / 15, bad


@pytest.mark.parametrize("place", ["{0} {1}", "{1}\n{0}"])
@pytest.mark.parametrize("source", [other, plain, fresh])
def test_neutral_sentences_do_no_harm(source, place):
    """A good prompt stays good with a sentence that asks for nothing, before its instruction or on a line behind it."""
    bad = []
    for sentence in source.NEUTRAL:
        prompts = {}
        for name, (template, wishes) in COUNTING.items():
            instruction, fields = template.split("{}", 1)
            prompts[name] = (place.format(sentence, f"{instruction} {' '.join(wishes.values())}") + "{}" + fields, "")
        if counting(prompts, 12) < 0.9:
            bad.append(sentence)
    assert not bad


@pytest.mark.parametrize("source", [plain, fresh])
def test_later_opposites_are_not_taken_for_the_wish(source):
    """None of the opposites of the later sets raises accuracy where the wish is lacking."""
    bases = {skill: accuracy(COUNTING, skill) for skill in HOME}
    sentences = [(s, skill) for skill in HOME for s in source.OPPOSITE.get(skill, ())]
    assert len(sentences) >= 15
    assert not [s for s, skill in sentences if accuracy(COUNTING, skill, HOME[skill], s) > bases[skill]]


def test_opposites_are_not_taken_for_the_wish():
    """At most one in ten sentences that forbid something raises accuracy, and nine in ten turn it off."""
    bad = []
    for skill, agent in (*HOME.items(), *WORD_HOME.items()):
        agents = COUNTING if skill in HOME else SORTING
        base = accuracy(agents, skill)
        bad += [s for s in other.OPPOSITE.get(skill, ()) if accuracy(agents, skill, agent, s) > base]
    total = sum(map(len, other.OPPOSITE.values()))
    off = sum(evidence(s, skill) <= -1 for skill, sentences in other.OPPOSITE.items() for s in sentences)
    assert total >= 80
    assert len(bad) <= total / 10, bad
    assert off >= 0.9 * total


def test_chance_rises_smoothly_with_evidence():
    """More evidence never makes an instruction less likely to be followed, and neighbouring sentences add up."""
    chances = [chance(amount / 10) for amount in range(60)]
    assert chances == sorted(chances)
    assert chances[0] == 0 < chances[15] < chances[20] < chances[30] <= 1
    one = evidence("Write the number in digits.", "digits")
    assert evidence("Write the number in digits. Use numerals.", "digits") > one
    assert evidence("Write the number in digits. Do not use digits.", "digits") < 0 < one


PUBLIC = {
    "You will answer a reasoning question. Think step by step. The last line of your response should be of the following format: "
    "'Answer: $VALUE' where VALUE is a numerical value.": {"digits", "ending", "working"},
    "You will answer a reasoning question. List each item and its quantity in a clear and consistent format, such as "
    "'- Item: Quantity'. Ensure the final answer is clearly indicated in the format: 'Answer: $VALUE' where VALUE is a numerical "
    "value.": {"amounts", "lines", "digits", "ending"},
    "We first identify the fruits on the list and include their quantity in parentheses:": {"amounts"},
}


@pytest.mark.parametrize("prompt", PUBLIC)
def test_prompts_found_in_public_are_read_right(prompt):
    """What well-known prompts for this task ask for is recognised, and showing the work only where it is asked for."""
    skills = ("amounts", "lines", "digits", "ending", "working", "kind")
    assert {skill for skill in skills if evidence(prompt, skill) >= 1} == PUBLIC[prompt]


@pytest.mark.parametrize(
    ("text", "between", "joiner"),
    [
        ("Write one line for each item, as `name: number`.", ": ", "\n"),
        ("Adds up items written `name = number`, separated by semicolons.", " = ", "; "),
        ("Give each as <item> -> <count>, one per line.", " -> ", "\n"),
        ("Use lines such as \"violin: 2\".", ": ", "\n"),
    ],
)
def test_layouts_are_read_from_text(text, between, joiner):
    """What stands between name and number, and between entries, is read from a pattern in the text."""
    found = layout(text)
    assert (found.between, found.joiner) == (between, joiner)
