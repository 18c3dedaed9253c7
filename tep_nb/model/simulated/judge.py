"""The judge: scores one answer with the critic's eyes."""

from __future__ import annotations

import json
import re

from tep_nb.model.simulated.critic import find_flaws
from tep_nb.model.simulated.recogniser import evidence
from tep_nb.model.simulated.scene import UNKNOWN, act_of, read_fields
from tep_nb.model.simulated.text import Letter
from tep_nb.model.simulated.things import find_question, find_words

__all__ = ["judge"]


def judge(letter: Letter) -> str:
    """A score from 0 to 10 with a note, as JSON.

    What is a question is told from the data's shape; the other data are answers: the last is judged, an earlier one that is a
    bare number or a bare list is the reference.
    """
    data = [fence.data for fence in letter.fences]
    questions = [text for text in data if find_question(text) or find_words(text)]
    others = [text for text in data if text not in questions]
    if not others:
        return _reply(5.0, "There is no answer to judge.")
    instruction = letter.prose.get("Instruction", "")
    answer = max(others, key=len) if len(others) > 1 and len(set(map(len, others))) > 1 else others[-1]
    rest = [text for text in others if text is not answer]
    if answer.strip().startswith(UNKNOWN):
        return _reply(0.0, "The answer says that it does not know.")
    if questions and (found := find_question(questions[-1])):
        return _number(answer, found[-1][2].total, instruction)
    if questions and (request := find_words(questions[-1])):
        right = " ".join(sorted(request[2], key=str.lower))
        return _words(answer, right)
    if rest:
        return _overlap(answer, rest[-1])
    scene = read_fields("", tuple(others[:-1]))
    if scene.is_known:
        flaws = find_flaws(scene, act_of(scene), others[-1])
        return _reply(max(0.0, 10.0 - 3.0 * len(flaws)), f"{len(flaws)} flaws were seen.")
    return _reply(5.0, "I do not know whether this is right.")


def _number(answer: str, total: int, instruction: str) -> str:
    numbers = re.findall(r"-?\d+", answer)
    if numbers and int(numbers[-1]) == total:
        return _reply(10.0, "The answer ends with the right number.")
    if str(total) in numbers:
        return _reply(6.0 if evidence(instruction, "ending") >= 1 else 7.0, "The right number is there, but not at the end.")
    return _reply(1.0, "The right number is not there in digits.")


def _words(answer: str, right: str) -> str:
    if answer.strip().lower() == right.lower():
        return _reply(10.0, "The words are in order and nothing else is there.")
    given = re.findall(r"[\w'’-]+", answer.lower())
    if right.lower().split() == [word for word in given if word in right.lower().split()]:
        return _reply(7.0, "The words are in order, but not alone.")
    return _reply(2.0, "The words are not in order or not complete.")


def _overlap(answer: str, reference: str) -> str:
    one, two = set(re.findall(r"\w+", answer.lower())), set(re.findall(r"\w+", reference.lower()))
    share = 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0
    return _reply(round(10 * share, 1), "Scored by the words that it shares with the other text: I do not know the subject.")


def _reply(score: float, note: str) -> str:
    return json.dumps({"score": score, "note": note}, ensure_ascii=False)
