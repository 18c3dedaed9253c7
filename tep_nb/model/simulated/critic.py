"""The critic: looks for flaws in what it is shown, and reads contracts with the reader with which the actor reads prompts."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import NamedTuple

from tep_nb.model.simulated.actor import SPAN, Dials, in_order
from tep_nb.model.simulated.layout import Layout, layout
from tep_nb.model.simulated.phrases import FILLER, HARM, LAYOUT, SAY, VAGUE
from tep_nb.model.simulated.recogniser import evidence
from tep_nb.model.simulated.rules import RELEVANT
from tep_nb.model.simulated.scene import UNKNOWN, Scene, act_of, instruction_of, read_fields
from tep_nb.model.simulated.text import Letter, Pattern, draw, tokens, words
from tep_nb.model.simulated.things import Entry, Spelling, entries, is_of, read_words

__all__ = ["Flaw", "contracts_of", "criticise", "find_flaws", "wording"]


class Flaw(NamedTuple):
    """What is wrong with a step: the wish that would mend it, and the words that it concerns."""

    wish: str
    about: str
    form: Layout | None = None


def wording(wish: str, pick: float, form: Layout | None = None) -> str:
    """A sentence for a wish; ``pick`` in [0, 1) chooses among them."""
    if wish == "+lines":
        form = form or Layout()
        said = LAYOUT.get(form.joiner, LAYOUT["\n"])
        shown = "name (number)" if form.between == "(" else f"name{form.between}number"
        return said[int(pick * len(said))].format(form=shown)
    said = SAY.get(wish, ())
    return said[int(pick * len(said))] if said else ""


def find_flaws(scene: Scene, kind: str, output: str) -> list[Flaw]:
    """What is wrong with an output, from the inputs alone."""
    if kind in ("list", "tally"):
        return _thing_flaws(scene, kind, output)
    if kind in ("read", "sort", "reply", "solve words"):
        return [flaw for flaw in _word_flaws(scene, kind, output) if flaw.wish[1:] in RELEVANT[kind]]
    if kind in ("answer", "solve"):
        shows = re.search(r"\d\s*\+\s*\d|\bstep\b|\bbecause\b|=", output) is not None
        flaws = [] if shows else [Flaw("+working", "the result, which comes out of nowhere")]
        if kind == "solve" and scene.question and _value(output) != scene.question.total:
            flaws = [*_missed(scene), *flaws]
        return flaws
    return []


def _missed(scene: Scene) -> list[Flaw]:
    """What a wrong count in one's head may come from, seen in the question."""
    assert scene.question is not None
    things, asked = scene.question.things, scene.question.kind
    several = next((e for e in things if (e.amount or 1) > 1 and is_of(e.name, asked)), None)
    alien = next((e for e in things if not is_of(e.name, asked)), None)
    flaws = [Flaw("+amounts", f'"{Spelling.of(several.amount or 1)} {several.name}"')] if several else []
    if alien:
        flaws.append(Flaw("+kind", f'"{alien.name}"'))
    return [*flaws, Flaw("+all", "the end of the list")] if len(things) > SPAN else flaws


def _thing_flaws(scene: Scene, kind: str, output: str) -> list[Flaw]:
    shown = {entry.key: entry for entry in entries(output)}
    question = scene.question
    source = question.things if question else scene.lists[-1] if scene.lists else ()
    wanted = [e for e in source if question is None or is_of(e.name, question.kind)]
    several = [e for e in source if (e.amount or 1) > 1 and e.key in shown and (shown[e.key].amount or 1) != e.amount]
    flaws = []
    if several:
        flaws.append(Flaw("+amounts", _spoken(several, scene)))
    missing = [e for e in wanted if e.key not in shown]
    if missing:
        flaws.append(Flaw("+all", f'"{missing[0].name}", which is missing'))
    alien = [e for e in shown.values() if question is not None and not is_of(e.name, question.kind)]
    if alien and kind == "tally":
        flaws.append(Flaw("+kind", f'"{alien[0].name}"'))
    return flaws


def _spoken(things: list[Entry], scene: Scene) -> str:
    """Quote a thing with its amount; sometimes the whole question, which is more than anybody needs."""
    whole = scene.question.text if scene.question else ""
    if whole and draw("quotes", whole) < 0.12:
        return f'"{whole}"'
    from_text = f"{Spelling.of(things[0].amount or 1)} {things[0].name}"
    found = re.search(rf"\b{Spelling.of(things[0].amount or 1)} [\w ]+?\b(?=[,.]| and)", whole)
    return f'"{found[0] if found else from_text}"'


def _word_flaws(scene: Scene, kind: str, output: str) -> list[Flaw]:
    lines = [line for line in output.splitlines() if line.strip()]
    head = lines[0].rsplit(":", 1)[-1] if lines else ""
    given = list(read_words(head.strip(" .")))
    source = list(scene.words or (scene.spelled[-1] if scene.spelled else ()))
    flaws = []
    if missing := [word for word in source if word not in given]:
        flaws.append(Flaw("+all", f'"{missing[0]}", which is missing'))
    wrong = next(((a, b) for a, b in pairwise(given) if a.lower() > b.lower()), None)
    if kind != "read" and wrong and in_order(given) != given:
        flaws.append(Flaw("+letters", f'"{wrong[0]}" before "{wrong[1]}"'))
    if kind in ("reply", "solve words") and len(lines) < 2:
        flaws.append(Flaw("+working", "the order, which is not explained"))
    return flaws


def _value(output: str) -> int | None:
    """The number that is said last, in digits or in words."""
    values = [Spelling.value(word) for word in re.findall(r"\d+|[a-z]+(?:-[a-z]+)?", output.lower())]
    return next((value for value in reversed(values) if value is not None), None)


def contracts_of(letter: Letter) -> list[tuple[str, str, bool]]:
    """What the output is for: ``(who, text, is a contract)``; the objective comes last and is none."""
    found = []
    for consumer in letter.of("consumer"):
        lines = consumer.splitlines()
        at = next((i for i, line in enumerate(lines) if line.startswith("expects:")), None)
        if at is not None:
            text = " ".join([lines[at].removeprefix("expects:"), *lines[at + 1 :]]).strip()
            found.append((lines[0] if lines else "", text, True))
    found += [("", objective, False) for objective in letter.of("objective")]
    return found


def _broken(skill: str, text: str, scene: Scene, output: str, flaws: list[Flaw]) -> Flaw | None:
    """The flaw of an output in the light of one wish of a contract, checked on the output itself."""
    if skill == "lines":
        form = layout(text)
        parts = [part for part in output.split(form.joiner) if part.strip()]
        good = all(_fits(part.strip(), form) for part in parts) and (len(parts) > 1 or len(entries(output)) < 2)
        return None if good else Flaw("+lines", f'"{output.strip()[:24]}"', form)
    total = scene.total if scene.total is not None else scene.question.total if scene.question else None
    numbers = re.findall(r"\d+", output)
    if skill == "digits":
        return None if (str(total) in numbers if total is not None else numbers) else Flaw("+digits", f'"{output.strip()[-24:]}"')
    if skill == "ending":
        last = _value(output) if total is not None else None
        return None if last == total else Flaw("+ending", f'"{output.strip()[-30:]}"')
    if skill in ("spaces", "bare"):
        words = list(scene.spelled[-1] if scene.spelled else scene.words)
        if skill == "spaces":
            comma = re.search(r"[^\s,]+, [^\s,]+", output)
            about = f'"{comma[0]}"' if comma else "what stands between the words"
            return Flaw("+spaces", about) if ", " in output or len(output.split()) < len(words) else None
        lead, colon, _ = output.strip().partition(":")
        extra = f"{lead[-30:]}:" if colon else output.strip().partition("\n")[2][:30]  # never the words themselves
        return Flaw("+bare", f'"{extra}"') if colon or "\n" in output.strip() else None
    return next((flaw for flaw in flaws if flaw.wish == f"+{skill}"), None)


def _fits(part: str, form: Layout) -> bool:
    closing = r"\)" if form.between == "(" else ""
    return re.fullmatch(rf"[A-Za-z][A-Za-z' -]*?{re.escape(form.between.rstrip())}\s*\d+{closing}", part) is not None


_HOLDER = Pattern(r"\{\{\w+\}\}")


def _nudged_flaws(letter: Letter, scene: Scene, kind: str, prompt: str, output: str, flaws: list[Flaw]) -> list[Flaw]:
    """What contracts and objective add. A contract that says nothing checkable is quoted and asked for."""
    found: list[Flaw] = []
    for _, text, is_contract in contracts_of(letter):
        plain = _HOLDER.sub("", text)
        wishes = [skill for skill in RELEVANT[kind] if evidence(plain, skill) >= 1.0]
        for skill in wishes:
            broken = _broken(skill, plain, scene, output, flaws)
            if broken and broken.wish not in [flaw.wish for flaw in found]:
                found.append(broken)
        if is_contract and not wishes and plain == text and tokens(text) >= 5 and _plain(text) not in _plain(prompt):
            found.append(Flaw(f'Make the output fit this: "{text.rstrip(".")}".', f'"{text}"'))
    return found


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def criticise(letter: Letter, attempt: int, seed: int, dials: Dials) -> str:
    """One critique, as JSON.

    Parameters
    ----------
    letter : Letter
        The filled template.
    attempt : int
        How often the critic was told that its reply could not be used.
    seed : int
        The draw number.
    dials : Dials
    """
    prompt = "\n".join(letter.of("prompt"))
    inputs = tuple(fence.data for fence in letter.fences if fence.kind == "input")
    output = "\n".join(letter.of("output"))
    scene = read_fields(prompt, inputs)
    key = (dials.seed, seed, "critic", *inputs, output)
    names = re.findall(r"^- (\w+): ", letter.prose.get("Rubric", ""), re.MULTILINE)
    known = scene.is_known and not output.strip().startswith(UNKNOWN)
    if not known:
        return _reply({name: round(5.0 + _jitter(key, name), 1) for name in names}, [], content=True)
    kind = act_of(scene)
    flaws = find_flaws(scene, kind, output)
    nudged = _nudged_flaws(letter, scene, kind, prompt, output, flaws)
    scores = _scores(names, letter, kind, output, flaws, nudged, (dials.seed, *inputs))
    wishes = [*flaws, *(flaw for flaw in nudged if flaw.wish not in [f.wish for f in flaws])]
    wishes.sort(key=lambda flaw: flaw.wish == "+working")
    if not attempt and draw(*key, "malformed") < dials.malformed:
        return _reply(scores, _worded(wishes, key), content=False)[: 40 + int(60 * draw(*key, "cut"))]
    suggestions = _worded(wishes, key)
    if not attempt and draw(*key, "vague") < dials.vague:
        suggestions = [VAGUE[int(draw(*key, "which") * len(VAGUE))]]
    elif draw(*key, "wrong") < dials.wrong:
        wish = HARM[kind]
        suggestions = [("the length of the output", wording(wish, draw(*key, "harm"))), *suggestions][:3]
    suggestions = _longer(suggestions, letter, dials.gain, shorter=attempt > 0)
    return _reply(scores, suggestions, content=not suggestions)


def _worded(flaws: list[Flaw], key: tuple[object, ...]) -> list[tuple[str, str]]:
    """The three most important flaws as suggestions."""
    return [(flaw.about, wording(flaw.wish, draw(*key, flaw.wish), flaw.form) or flaw.wish) for flaw in flaws[:3]]


def _longer(suggestions: list[tuple[str, str]], letter: Letter, gain: float, *, shorter: bool) -> list[tuple[str, str]]:
    """Write more, the more was read: what makes feedback explode when it is handed on."""
    if gain <= 0 or shorter or not suggestions:
        return suggestions
    room = round(gain * sum(tokens(fence.data) for fence in letter.fences))
    filler = " ".join(FILLER).split()
    about, do = suggestions[0]
    return [(about, f"{do} {' '.join(filler[i % len(filler)] for i in range(room))}".strip()), *suggestions[1:]]


_COST: dict[str, dict[str, float]] = {
    "+amounts": {"specification_completeness": 3.0, "context_integration": 3.0, "task": 3.0},
    "+all": {"specification_completeness": 4.0, "internal_consistency": 1.0, "task": 3.0},
    "+kind": {"context_integration": 3.0, "specification_completeness": 1.0, "task": 3.0},
    "+working": {"reasoning_transparency": 5.5},
    "+letters": {"internal_consistency": 4.0, "task": 4.0},
}


def _scores(
    names: list[str], letter: Letter, kind: str, output: str, flaws: list[Flaw], nudged: list[Flaw], key: tuple[object, ...]
) -> dict[str, float]:
    """Scores by criterion: what the flaws cost, and a little noise that depends on the row alone."""
    prompt = "\n".join(letter.of("prompt"))
    lost: dict[str, float] = dict.fromkeys(names, 0.0)
    own = [name for name in names if name not in _GENERAL]
    for flaw in flaws:
        for name, cost in _COST.get(flaw.wish, {}).items():
            for target in own if name == "task" else [name]:
                lost[target] = lost.get(target, 0.0) + cost
    if kind == "tally" and "\n" not in output and ";" not in output:
        lost["structural_clarity"] = lost.get("structural_clarity", 0.0) + 1.0
    asked = instruction_of(prompt)
    if kind == "tally" and evidence(asked, "lines") >= 1 and not _well_laid(output, layout(asked)):
        lost["format_compliance"] = lost.get("format_compliance", 0.0) + 3.0
    if "contracts" in names:
        lost["contracts"] = 3.5 * len([flaw for flaw in nudged if flaw.wish != "+working"])
        score = re.search(r"on this row[^:]*: ([\d.]+) of 1", letter.prose.get("What the step is for", "") + _all_prose(letter))
        reached = float(score[1].rstrip(".")) if score else 0.5
        lost["objective"] = 5.0 * (1.0 - reached) + 0.5 * len(nudged)
    return {name: round(min(10.0, max(0.0, 8.8 + _jitter(key, name) - lost.get(name, 0.0))), 1) for name in names}


_GENERAL = words("structural_clarity specification_completeness internal_consistency context_integration reasoning_transparency "
    "format_compliance objective contracts")


def _well_laid(output: str, form: Layout) -> bool:
    parts = [part.strip() for part in output.split(form.joiner) if part.strip()]
    return all(_fits(part, form) for part in parts)


def _all_prose(letter: Letter) -> str:
    return "\n".join(letter.prose.values())


def _jitter(key: tuple[object, ...], name: str) -> float:
    return 0.8 * draw(*key, "score", name) - 0.4


def _reply(scores: dict[str, float], suggestions: list[tuple[str, str]], *, content: bool) -> str:
    listed = [{"about": about, "do": do} for about, do in suggestions]
    return json.dumps({"scores": scores, "suggestions": listed, "content": content}, ensure_ascii=False)


