# ruff: noqa: E501  tables of words
"""Object counting in the style of BIG-Bench Hard: how many things of a kind are in a list, with their amounts and some intruders."""

from __future__ import annotations

import random
import re

from tep_nb.core.graph import Graph
from tep_nb.core.metric import last_integer
from tep_nb.core.node import Agent, Tool
from tep_nb.task.questions import Row, load

__all__ = ["add_up", "generate", "graph", "load", "metric", "objective"]

metric = last_integer

objective = "Each question is answered with how many things of the kind that it asks for there are in all."

_KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "objects": (
        "object",
        ("armchair", "bed", "bench", "blender", "bookcase", "bottle", "bus", "chair", "clock", "desk", "dishwasher", "fan", "heater",
         "kettle", "ladder", "lamp", "mirror", "oven", "pillow", "radio", "sofa", "stove", "table", "television", "toaster", "tractor",
         "truck", "umbrella", "vase", "wardrobe"),
    ),
    "fruits": (
        "fruit",
        ("apple", "apricot", "banana", "blueberry", "cherry", "fig", "grape", "grapefruit", "kiwi", "lemon", "lime", "mango", "melon",
         "nectarine", "orange", "papaya", "peach", "pear", "pineapple", "plum", "quince", "strawberry"),
    ),
    "vegetables": (
        "vegetable",
        ("artichoke", "beetroot", "cabbage", "carrot", "cauliflower", "cucumber", "eggplant", "garlic", "head of broccoli", "leek",
         "lettuce head", "mushroom", "onion", "parsnip", "potato", "pumpkin", "radish", "stalk of celery", "tomato", "turnip", "yam"),
    ),
    "animals": (
        "animal",
        ("bear", "camel", "cat", "chicken", "cow", "dog", "donkey", "duck", "elephant", "fish", "fox", "frog", "goat", "goose",
         "horse", "lion", "monkey", "mouse", "owl", "pig", "rabbit", "sheep", "snail", "snake", "tiger", "turtle", "zebra"),
    ),
    "musical instruments": (
        "instrument",
        ("accordion", "banjo", "bassoon", "cello", "clarinet", "drum", "flute", "guitar", "harp", "horn", "oboe", "organ", "piano",
         "saxophone", "trombone", "trumpet", "tuba", "viola", "violin", "xylophone"),
    ),
}  # fmt: skip
_SHARES = (0.23, 0.21, 0.22, 0.13, 0.21)
_IRREGULAR = {
    "mouse": "mice", "goose": "geese", "fish": "fish", "sheep": "sheep", "potato": "potatoes", "tomato": "tomatoes", "mango": "mangoes",
    "head of broccoli": "heads of broccoli", "stalk of celery": "stalks of celery", "piano": "pianos", "cello": "cellos",
}  # fmt: skip
_WORDS = ("", "a", "two", "three", "four", "five")


def generate(n: int, seed: int = 0) -> list[Row]:
    """Make questions of the style and distribution of the BIG-Bench Hard ones; none is taken from there.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    list of dict
        ``question`` and ``target``; 2 to 12 phrases, amounts up to five, things of another kind in about one of six.
    """
    dice = random.Random(f"object counting {seed}")
    rows: list[Row] = []
    seen: set[str] = set()
    while len(rows) < n:
        row = _question(dice)
        if row["question"] not in seen:
            seen.add(row["question"])
            rows.append(row)
    return rows


def _question(dice: random.Random) -> Row:
    asked = dice.choices(list(_KINDS), _SHARES)[0]
    nouns = _KINDS[asked][1]
    plain = dice.random() < 0.29
    most = 1 if plain else dice.choice((2, 3, 4, 5))
    share = 0.0 if plain else dice.choice((0.25, 0.35, 0.5))
    own = dice.sample(nouns, min(len(nouns), dice.choice((2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11))))
    intruders: list[str] = []
    if asked != "objects" and dice.random() < 0.23:
        others = [noun for kind, (_, names) in _KINDS.items() if kind != asked for noun in names]
        intruders = dice.sample(others, dice.choice((1, 2, 2, 3)))
    things = [(noun, True) for noun in own] + [(noun, False) for noun in intruders]
    dice.shuffle(things)
    things = things[:12]
    phrases, total = [], 0
    for noun, counts in things:
        number = dice.randint(2, most) if most > 1 and dice.random() < share else 1
        phrases.append(_phrase(noun, number))
        total += number if counts else 0
    listed = ", ".join(phrases[:-1]) + f", and {phrases[-1]}"
    return {"question": f"I have {listed}. How many {asked} do I have?", "target": str(total)}


def _phrase(noun: str, number: int) -> str:
    if number > 1:
        return f"{_WORDS[number]} {_plural(noun)}"
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _plural(noun: str) -> str:
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"


def add_up(counts: str) -> int:
    """Adds up a tally: one line for each item, written `name: number`. A line without a number counts as one."""
    total = 0
    for line in str(counts).splitlines():
        if line.strip():
            number = re.search(r":\s*(\d+)\s*$", line)
            total += int(number[1]) if number else 1
    return total


def graph() -> Graph:
    """The reference graph: list the things, count them, add up, answer; its prompts ask for too little on purpose."""
    return Graph(
        [
            Agent(
                "list_items",
                "List the things in the question.\n\nQuestion: {{question}}",
                output="items",
                role="Names the things that a question mentions.",
            ),
            Agent(
                "tally",
                "Count the things.\n\nQuestion: {{question}}\nItems: {{items}}",
                output="counts",
                role="Counts the items that the question asks about.",
            ),
            Tool(add_up, output="total"),
            Agent(
                "answer",
                "Answer the question.\n\nQuestion: {{question}}\nCounts: {{counts}}\nTotal: {{total}}",
                output="answer",
                role="Answers the question with the total.",
            ),
        ],
        output="answer",
    )


