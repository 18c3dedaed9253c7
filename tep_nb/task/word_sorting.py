# ruff: noqa: E501  tables of words
"""Word sorting in the style of BIG-Bench Hard: put a list of words into dictionary order."""

from __future__ import annotations

import random

from tep_nb.core.graph import Graph
from tep_nb.core.node import Agent
from tep_nb.core.score import exact_match
from tep_nb.task.questions import Row, load

__all__ = ["generate", "graph", "load", "metric", "objective"]

objective = "Each question is answered with all of its words in alphabetical order."

_TABLE = (
    "abbey acorn actor adobe agile alarm album almond amber anchor anthem apron arbor arctic arena armor arrow artist aspen atlas attic "
    "autumn badge bagel bakery ballad bamboo banner barley barrel basil basin beacon beetle berry blanket blossom border botany breeze "
    "bridge bronze bubble bucket butter cabin cactus candle canoe canvas canyon carbon cargo carpet castle cavern cedar cellar chalk "
    "charm cherry chimney cinder circus citrus clay cliff clover coast cobalt comet copper coral cotton cradle crater cricket crystal "
    "curtain dahlia dawn delta denim desert dial diary dinner dock dragon drift dune dust eagle earth echo elbow ember empire engine "
    "fable fabric falcon feather fennel ferry fiber field fiddle flame flint flour forest fossil fountain frost galaxy garden garlic "
    "gate geyser ginger glacier glade glove grain granite grove guitar habit hammer harbor harvest hazel helmet heron honey hotel ice "
    "igloo island ivory ivy jacket jasmine jewel jigsaw journey juniper kettle kitchen knot lagoon lantern laurel lava leather lemon "
    "lily linen lobby lotus lumber magnet maple marble market meadow melody meteor mint mirror monsoon mosaic motor mountain museum "
    "nectar needle nickel nomad nutmeg oasis ocean olive onyx opera orbit orchard orchid otter oxygen oyster paddle palace panther "
    "paper parrot pasture pebble pepper petal piano pillow pine pirate planet plaza pocket poem polar pond poplar portal prairie prism "
    "pumpkin quartz quill rabbit radar raft rail rain raven reef ribbon ridge river rocket roof rose ruby saddle saffron salmon sand "
    "satin scarf school shadow shell silver sketch slate smoke snow spark spice spiral spruce stable stone storm summit sunset swan "
    "syrup table tango temple thunder tiger timber topaz torch tower trail tulip tunnel turtle tweed umbra valley vapor velvet village "
    "vine violet walnut water whale wheat willow window winter wolf wood yarn zephyr zinc"
)
_WORDS = tuple(_TABLE.split())


def metric(output: object, target: object) -> float:
    """The answer is compared with the sorted words, separated by single spaces; it should hold these words and nothing else."""
    return float(exact_match(" ".join(str(output).split()), target))


def generate(n: int, seed: int = 0) -> list[Row]:
    """Make questions of the style of the BIG-Bench Hard ones; none is taken from there.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    list of dict
        ``question`` and ``target``; 2 to 20 words each.
    """
    dice = random.Random(f"word sorting {seed}")
    rows: list[Row] = []
    for _ in range(n):
        words = dice.sample(_WORDS, dice.randint(2, 20))
        rows.append(
            {
                "question": f"Sort the following words alphabetically: List: {' '.join(words)}",
                "target": " ".join(sorted(words)),
            }
        )
    return rows


def graph() -> Graph:
    """The reference graph: read the words, sort them, answer; its prompts ask for too little on purpose."""
    return Graph(
        [
            Agent(
                "read_words",
                "Write down the words of the question.\n\nQuestion: {{question}}",
                output="words",
                role="Copies the words that a question lists.",
            ),
            Agent(
                "sort_words",
                "Sort the words.\n\nWords: {{words}}",
                output="ordered",
                role="Puts words into alphabetical order.",
            ),
            Agent(
                "answer",
                "Answer the question.\n\nQuestion: {{question}}\nOrdered: {{ordered}}",
                output="answer",
                role="Gives the ordered words as the answer.",
            ),
        ],
        output="answer",
    )
