"""The actor: does what an instruction asks for, and errs in characteristic ways where it does not ask."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from tep_nb.model.simulated.layout import layout
from tep_nb.model.simulated.recogniser import chance, evidence
from tep_nb.model.simulated.rules import RELEVANT
from tep_nb.model.simulated.scene import PASSED_ON, UNABLE, Scene, act_of, read_text
from tep_nb.model.simulated.text import draw
from tep_nb.model.simulated.things import Entry, Spelling, is_of, plural

__all__ = ["Dials", "act"]

SPAN = 8
"""How many things are named before patience ends, where nothing says to leave none out."""


class Dials(NamedTuple):
    """The settings of the simulated world; the model's docstring explains them."""

    seed: int = 0
    attention: float = 1500.0
    context: int = 8192
    gain: float = 0.0
    slip: float = 0.08
    wrong: float = 0.06
    vague: float = 0.04
    malformed: float = 0.02
    verbose: float = 0.15
    leak: float = 0.3


class _Mind(NamedTuple):
    """What is followed in this request, and the draws that decide what is left open."""

    scene: Scene
    key: tuple[object, ...]
    reach: float
    skills: tuple[str, ...]

    def follows(self, skill: str) -> bool:
        """Whether an instruction is followed: its evidence, its length and its luck with this data decide."""
        if skill not in self.skills:
            return False
        strength = chance(self.evidence(skill))
        return strength > 0 and self.chance(skill) < strength * self.reach

    def forbidden(self, skill: str) -> bool:
        """Whether the instruction forbids a skill: then it is never shown, not even by chance."""
        return skill in self.skills and self.evidence(skill) <= -1.0

    def evidence(self, skill: str) -> float:
        """How strongly the instruction asks for a skill; where digits matter too, numbers are theirs."""
        return evidence(self.scene.instruction, skill, "digits" if skill == "amounts" and "digits" in self.skills else "")

    def chance(self, what: str) -> float:
        """A draw that depends on what it is for and on the data, not on the wording of the prompt."""
        return draw(*self.key, what)


def act(text: str, length: int, temperature: float, seed: int, dials: Dials) -> str:
    """Answer an actor's request.

    Parameters
    ----------
    text : str
        All messages.
    length : int
        Tokens of the request: attention falls with it.
    temperature : float
        Slips grow with it.
    seed : int
        The draw number.
    dials : Dials
    """
    scene = read_text(text)
    if not scene.is_known:
        return PASSED_ON if scene.unknown else UNABLE
    kind = act_of(scene)
    reach = 1.0 / (1.0 + (length / dials.attention) ** 2) * (1.0 - dials.slip * temperature)
    mind = _Mind(scene, (dials.seed, seed, kind, scene.data), reach, RELEVANT[kind])
    if kind in _ACTS:
        return _ACTS[kind](mind)
    return _sorting(mind, kind)


def _list(mind: _Mind) -> str:
    assert mind.scene.question is not None
    things = _kept(mind, list(mind.scene.question.things))
    if not mind.follows("all"):
        things = things[:SPAN]
    amounts = mind.follows("amounts")
    if mind.follows("lines"):
        form = layout(mind.scene.instruction)
        if amounts:
            return form.write([(e.name, e.amount or 1) for e in things])
        return form.joiner.join(e.name for e in things)
    return ", ".join(_phrase(e.name, e.amount or 1, spelled=True) if amounts else e.name for e in things)


def _kept(mind: _Mind, things: list[Entry]) -> list[Entry]:
    """The things of the kind that is asked for, where the instruction says so."""
    question = mind.scene.question
    if question is None or not mind.follows("kind"):
        return things
    return [entry for entry in things if is_of(entry.name, question.kind)]


def _counted(mind: _Mind) -> list[tuple[str, int]]:
    """Things with their numbers, as far as the instruction asks to count with care."""
    question = mind.scene.question
    said = {entry.key: entry.amount or 1 for entry in question.things} if question else {}
    things = list(mind.scene.lists[-1]) if mind.scene.lists else list(question.things if question else ())
    if question and mind.follows("all"):
        named = {entry.key for entry in things}
        things += [entry for entry in question.things if entry.key not in named]
    elif question and not mind.scene.lists:
        things = things[:SPAN]
    careful, careless = mind.follows("amounts"), mind.forbidden("amounts") or not mind.scene.lists
    pairs = []
    for entry in _kept(mind, things):
        told = 1 if careless and not careful else entry.amount or 1
        pairs.append((entry.name, max(told, said.get(entry.key, 1)) if careful else told))
    return pairs


def _tally(mind: _Mind) -> str:
    pairs = _counted(mind)
    if mind.follows("lines"):
        return layout(mind.scene.instruction).write(pairs)
    if mind.chance("layout") < 0.5 and not mind.forbidden("lines"):
        return "\n".join(f"{name}: {number}" for name, number in pairs)
    phrases = [_phrase(name, number, spelled=False) for name, number in pairs]
    if mind.chance("prose") < 0.5:
        return ", ".join(phrases)
    return "There are " + _joined(phrases) + "."


def _answer(mind: _Mind) -> str:
    pairs = [(e.name, e.amount or 1) for e in mind.scene.lists[-1]] if mind.scene.lists else []
    total = mind.scene.total if mind.scene.total is not None else sum(number for _, number in pairs)
    return _say(mind, total, pairs)


def _solve(mind: _Mind) -> str:
    """Count in one's head: without the working shown, long lists go wrong."""
    pairs = _counted(mind)
    total = sum(number for _, number in pairs)
    if len(pairs) > 4 and not mind.follows("working") and mind.chance("in the head") < 0.35:
        total += 1 if mind.chance("up or down") < 0.5 else -1
    return _say(mind, total, pairs)


def _say(mind: _Mind, total: int, pairs: list[tuple[str, int]]) -> str:
    """Say a total: in digits or in words, with or without the sum, at the end or before a remark."""
    spelled = not mind.follows("digits") and (mind.forbidden("digits") or mind.chance("spelled") < 0.5)
    number = Spelling.of(total) if spelled else str(total)
    ends = mind.follows("ending")
    apart = not ends and mind.forbidden("ending")
    what = mind.scene.question.asked.lower() if mind.scene.question else "things"
    if mind.follows("working"):
        numbers = [str(value) for _, value in pairs] or [str(total)]
        if ends:
            return f"{' + '.join(numbers)} makes {number}. In all, you have {number}."
        if apart or mind.chance("sum last") < 0.7:
            return f"You have {number} {what}: that is {' + '.join(numbers)}."
        return f"{' + '.join(numbers)} makes {number}, so you have {number} {what}."
    if ends:
        return f"The {what} that you have: {number}"
    if apart or mind.chance("remark") < 0.3:
        return f"You have {number} {what}, going by the {len(pairs) + 1} entries that I was shown."
    return f"You have {number} {what}."


def _sorting(mind: _Mind, kind: str) -> str:
    """The acts on words: read them, sort them, give the answer."""
    words = list(mind.scene.spelled[-1] if mind.scene.spelled else mind.scene.words)
    if kind == "read":
        return ", ".join(words if mind.follows("all") else words[:SPAN])
    if kind == "solve words" and not mind.follows("all"):
        words = words[:SPAN]
    if kind != "reply":
        if kind == "sort" and mind.scene.words and mind.follows("all"):
            words += [word for word in mind.scene.words if word not in words]
        words = in_order(words) if mind.follows("letters") else sorted(words, key=lambda word: word[:1].lower())
    if kind == "sort":
        return ", ".join(words)
    spaced = mind.follows("spaces") or (mind.chance("spaces") < 0.4 and not mind.forbidden("spaces"))
    text = (" " if spaced else ", ").join(words)
    if mind.follows("bare") or (mind.chance("bare") < 0.4 and not mind.forbidden("bare") and not mind.follows("working")):
        return text
    if mind.follows("working"):
        steps = "; ".join(f"{one} comes before {two}" for one, two in pairwise(words))
        return f"{text}\n({steps})"
    return f"In order, the words are: {text}."


def in_order(words: list[str]) -> list[str]:
    """Words in dictionary order, as the questions mean it: by code point, case aside."""
    return sorted(words, key=str.lower)


def _phrase(name: str, number: int, *, spelled: bool) -> str:
    if number == 1:
        return name if spelled else f"1 {name}"
    return f"{Spelling.of(number) if spelled else number} {many(name)}"


def many(name: str) -> str:
    """The plural of a thing's name: of its word of measure where it has one."""
    head, of, rest = name.partition(" of ")
    if of:
        return f"{plural(head)} of {rest}"
    first, blank, last = name.rpartition(" ")
    return f"{first}{blank}{plural(last)}"


def _joined(phrases: list[str]) -> str:
    if len(phrases) < 2:
        return "".join(phrases) or "none"
    return ", ".join(phrases[:-1]) + " and " + phrases[-1]


_ACTS = {"list": _list, "tally": _tally, "answer": _answer, "solve": _solve}
