"""The editor: turns suggestions into the smallest edit that it can think of, and sometimes into a larger one."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tep_nb.model.simulated.actor import Dials
from tep_nb.model.simulated.critic import wording
from tep_nb.model.simulated.layout import Layout, layout
from tep_nb.model.simulated.phrases import FILLER, LAYOUT, RATIONALE, SAY
from tep_nb.model.simulated.recogniser import evidence
from tep_nb.model.simulated.rules import SKILLS
from tep_nb.model.simulated.scene import instruction_of
from tep_nb.model.simulated.text import Letter, Pattern, draw, sentences, tokens

__all__ = ["Point", "edit", "insert", "point_of"]

_HOLDER = Pattern(r"\{\{\w+\}\}")
_SPLIT_LINE = "--- user ---"


class Point(NamedTuple):
    """What a suggestion asks for, by meaning: a signed skill, or the words themselves where no skill is recognised."""

    wish: str
    form: Layout | None = None
    text: str = ""


@lru_cache(maxsize=8192)
def point_of(text: str) -> Point:
    """The meaning of a suggestion: the strongest wish in it."""
    found = {skill: evidence(text, skill, "digits" if skill == "amounts" else "") for skill in SKILLS}
    best = max(SKILLS, key=lambda skill: abs(found[skill]))
    if '"' in text and text.startswith("Make the output fit this"):
        return Point("quote " + " ".join(re.findall(r"\w+", text.lower())), None, text)
    if abs(found[best]) >= 1.0:
        return Point(f"{'+' if found[best] > 0 else '-'}{best}", layout(text) if best == "lines" else None, text)
    return Point("text " + " ".join(sorted(set(re.findall(r"\w{4,}", text.lower())))), None, text)


class _Refusals(NamedTuple):
    """What rejections teach: ideas that are not wanted, wishes in the reasons, and how the next edit must look."""

    banned: frozenset[str]
    wished: tuple[Point, ...]
    said: frozenset[str]
    short: bool
    bare: bool


_SHORTER = Pattern(
    r"(?<!not )(?<!no )(?<!nor )(?<!became )\bshort(?:er)?\b|\bone sentence\b|"
    r"\btoo (?:long|wordy|verbose|much text|big|large)\b|\bbrie?f|\bconcis|\bwordy\b|"
    r"\bverbose\b|\bsmaller\b|\bfewer words\b|\bless text\b|\bpolite|\bfiller\b|\bsimpler\b|\btrim\b", re.IGNORECASE,
)  # fmt: skip
_AUTOMATIC = Pattern(r"(?:worse|no worse|proven|leak\w*|growth|stale)\b[^:]*:|this policy\b", re.IGNORECASE)
_REPORT = Pattern(
    r"\d\s*%|\bpercent|\baccura|\bscores?\b|\bmetric\b|\bworse\b|\bbetter\b|\bwon\b|\blost\b|\bp\s*=|\bpoints?\b|"
    r"\b(?:fewer|less|more) (?:\w+ )?(?:answers?|rows?|questions?|cases?)\b|"
    r"\b(?:drop|fall|fell|declin|decreas|regress|hurt|harm|ruin)\w* (?:by|to|from)\b|\b(?:regress|hurts|harms|ruins|harmful)\w*|"
    r"\b(?:are|is|was|were|gets?) (?:not )?(?:right|wrong|correct|incorrect)\b|"
    r"\b\d+ (?:to|of|out of|->) \d+\b|\b(?:on|of) \d+ rows\b|\bno (?:gain|effect|improvement|use)\b|"
    r"\b(?:go|goes|going|went) (?:down|up)\b|\balready\b|\b(?:falls?|grows?|costs?)\b|\bright answers?\b", re.IGNORECASE,
)  # fmt: skip
_LEAK = Pattern(
    r"\bleak|\bquot(?:e|es|ing|ed|ation)\b|\bverbatim\b|"
    r"\bno examples?\b|\bwithout (?:an |the )?examples?\b|\btraining\b", re.IGNORECASE
)


def _refusals(letter: Letter) -> _Refusals:
    banned: set[str] = set()
    wished: list[Point] = []
    said: set[str] = set()
    short = bare = False
    for text in letter.of("rejected"):
        reason, added = _line(text, "reason"), _line(text, "added")
        ideas = {point_of(sentence).wish for sentence in sentences(added)}
        ideas = {idea for idea in ideas if not idea.startswith("text ")} or ideas
        said |= {_norm(sentence) for sentence in sentences(added)}
        formal, leaking = bool(_SHORTER.search(reason)) and not _AUTOMATIC.match(reason), bool(_LEAK.search(reason))
        short, bare = short or formal, bare or leaking
        asked = Point("text") if _AUTOMATIC.match(reason) else point_of(_directive(reason))
        if asked.wish[0] == "+" and asked.wish not in banned:
            wished.append(asked)
        elif asked.wish[0] == "-":
            banned |= {f"+{asked.wish[1:]}"}
        if not formal and not leaking:
            banned |= ideas - {asked.wish}
    return _Refusals(frozenset(banned), tuple(wished), frozenset(said), short, bare)


def _directive(reason: str) -> str:
    """What a reason asks for: without reports of results and without words on the form of an edit."""
    clauses = re.split(r"[:;,()\n]|(?<!\d)[.]|[.](?!\d)|\bbecause\b", reason)
    kept = [clause.strip() for clause in clauses if not any(form.search(clause) for form in (_REPORT, _SHORTER, _LEAK))]
    return reason if len(kept) == len(clauses) else ", ".join(clause for clause in kept if clause)


def _line(text: str, name: str) -> str:
    """What stands behind ``name:`` in a fence, up to the next of its names."""
    match = re.search(rf"^{name}:[ ]?(.*?)(?=^(?:reason|added|removed):|\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1].strip() if match else ""


def _norm(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


@dataclass
class _Votes:
    count: Counter[str]
    points: dict[str, Point]
    quotes: dict[str, str]
    papers: int


def _votes(papers: tuple[str, ...]) -> _Votes:
    """Count the critiques that make each point; the first wording of a point is kept."""
    votes = _Votes(Counter(), {}, {}, len(papers))
    for paper in papers:
        about, seen = "", set()
        for line in paper.splitlines():
            if line.startswith("- about:"):
                about = line.removeprefix("- about:").strip()
            elif line.strip().startswith("do:"):
                point = point_of(line.strip().removeprefix("do:").strip())
                votes.points.setdefault(point.wish, point)
                if point.wish not in seen:
                    votes.count[point.wish] += 1
                    seen.add(point.wish)
                if tokens(about) >= 12:
                    votes.quotes.setdefault(point.wish, about.strip('"'))
    return votes


def edit(letter: Letter, again: str, seed: int, dials: Dials) -> str:
    """One edit, as JSON.

    Parameters
    ----------
    letter : Letter
        The filled template, free or nudged.
    again : str
        What was wrong with the former replies, empty at first.
    seed : int
        The draw number.
    dials : Dials
    """
    prompt = "\n".join(letter.of("prompt"))
    sections = {fence.section for fence in letter.fences if fence.kind == "critique"} | set(letter.prose)
    nudged = any("nudged" in name.lower() for name in sections)
    free_name = next((name for name in sections if name.lower().startswith("free")), "")
    papers = tuple(f.data for f in letter.fences if f.kind == "critique" and not (nudged and f.section == free_name))
    held: list[str] = []
    votes = _votes(papers)
    if nudged:
        common = set(_votes(letter.of("critique", free_name)).count)
        held = [_said(votes.points[wish]) for wish in votes.count if wish in common]
        for wish in common:
            votes.count.pop(wish, None)
    refusals = _refusals(letter)
    key = (dials.seed, seed, "editor", prompt, *papers, *letter.of("rejected"))
    for point in _ranked(votes, refusals, prompt):
        text = _write(prompt, point, votes, refusals, letter, key, dials, again)
        if text is not None and text != prompt:
            return _reply(text, f"{_why(point, votes)}.", held)
    if votes.count and all(wish in refusals.banned for wish in votes.count):
        return _reply(None, "What is left to ask for was rejected before.", held)
    return _reply(None, "Nothing is left to change." if not votes.count else "The prompt already asks for this.", held)


def _ranked(votes: _Votes, refusals: _Refusals, prompt: str) -> list[Point]:
    """Points by votes, those that the prompt asks for already behind the others.

    What a person asked for in a reason comes first, what was rejected does not come.
    """
    order = list(votes.count)
    plain = instruction_of(prompt)
    plus = {wish for wish in order if wish[0] == "+" and wish[1:] in SKILLS and wish != "+lines"}  # a layout can be another one
    asked = {wish for wish in plus if evidence(plain, wish[1:]) >= 1.0}
    ranked = sorted(order, key=lambda wish: (wish in asked, -votes.count[wish], order.index(wish)))
    wished = [point for point in refusals.wished if point.wish not in refusals.banned]
    names = {point.wish for point in wished}
    return [*wished, *(votes.points[w] for w in ranked if w not in refusals.banned and w not in names)]


def _write(
    prompt: str,
    point: Point,
    votes: _Votes,
    refusals: _Refusals,
    letter: Letter,
    key: tuple[object, ...],
    dials: Dials,
    again: str,
) -> str | None:
    """The prompt with the point worked in, or None when it is there already and the flaw does not persist."""
    skill = point.wish[1:] if point.wish[0] in "+-" else ""
    plain = instruction_of(prompt)
    asked = evidence(plain, skill) if skill else 0.0
    there = asked >= 1.8 if point.wish[0] == "+" else asked <= -1.0
    if skill == "lines" and point.form is not None and there:
        there = layout(plain) == point.form
    if there and (votes.count[point.wish] < max(2, 0.4 * votes.papers) or abs(asked) >= 6.0):
        return None
    if not skill and _norm(point.text) in _norm(prompt):
        return None
    sentence = _sentence(point, prompt, refusals, key, shortest=bool(again))
    if sentence is None:
        return None
    against = [s for s in sentences(prompt) if skill and evidence(s, skill) <= -1.0 and point.wish[0] == "+"]
    base = prompt
    for bad in against:
        if not _HOLDER.search(bad) and base.count(bad) == 1:
            base = base.replace(f" {bad}", "").replace(bad, "")
    polite = any(text in prompt for text in FILLER)
    if not again and not refusals.short and not polite and draw(*key, "verbose") < dials.verbose:
        filler = FILLER[int(draw(*key, "filler") * len(FILLER))]
        sentence = f"{filler} {sentence}"
    quote = votes.quotes.get(point.wish, "")
    if quote and not again and not refusals.bare and not refusals.short and draw(*key, "leak") < dials.leak:
        sentence = f'{sentence} For example: "{quote}"'
    return insert(base, sentence, letter)


def _sentence(point: Point, prompt: str, refusals: _Refusals, key: tuple[object, ...], *, shortest: bool) -> str | None:
    """A wording that is neither in the prompt nor among those that were rejected."""
    if not (point.wish[0] in "+-" and (point.wish in SAY or point.wish == "+lines")):
        text = " ".join(point.text.split()[:30]).strip()
        return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", '"')) else ".") if text else None
    if point.wish == "+lines":
        form = point.form or Layout()
        count = len(LAYOUT.get(form.joiner, LAYOUT["\n"]))
        options = [wording("+lines", (i + 0.5) / count, form) for i in range(count)]
    else:
        options = list(SAY[point.wish])
    here = _norm(prompt)
    fresh = [option for option in options if _norm(option) not in here and _norm(option) not in refusals.said]
    if not fresh:
        return None
    if shortest or refusals.short:
        return min(fresh, key=tokens)
    return fresh[int(draw(*key, "wording") * len(fresh))]


def insert(prompt: str, sentence: str, letter: Letter | None = None) -> str:
    """Put a sentence behind the instruction, before the fields; protected spans stay whole."""
    lines = prompt.split("\n")
    place = None
    for at, line in enumerate(lines):
        if _HOLDER.search(line) or line.strip() == _SPLIT_LINE:
            if place is not None:
                break
            continue
        plain = line.strip()
        if plain and not (plain.endswith(":") and len(plain.split()) <= 4):
            place = at
    if place is None:
        return f"{sentence}\n{prompt}" if not prompt.startswith(_SPLIT_LINE) else f"{prompt}\n{sentence}"
    new = "\n".join([*lines[:place], f"{lines[place].rstrip()} {sentence}", *lines[place + 1 :]])
    spans = [span for fence in (letter.fences if letter else ()) if fence.section == "Rules" for span in (fence.data,)]
    return new if all(new.count(span) == prompt.count(span) for span in spans) else f"{prompt}\n{sentence}"


def _why(point: Point, votes: _Votes) -> str:
    count = votes.count[point.wish]
    what = RATIONALE.get(point.wish) or _said(point).rstrip(".")
    return f"{count} of {votes.papers} critiques: {what}" if count else f"As the reviewer asked: {what}"


def _said(point: Point) -> str:
    return RATIONALE.get(point.wish) or point.text


def _reply(prompt: str | None, rationale: str, held: list[str]) -> str:
    return json.dumps({"prompt": prompt, "rationale": rationale, "held_back": held}, ensure_ascii=False)
