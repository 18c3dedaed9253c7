"""Sessions full of hostile text, made in the kernel."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prepared import CARE, Teller, rows, waiting

from tep_nb.core.graph import Agent, Graph
from tep_nb.core.score import Score
from tep_nb.model.base import Request
from tep_nb.notebook.workbench import Workbench

__all__ = ["flipping", "huge", "named", "poisoned"]


def poisoned(strings: Sequence[str], each: int = 10) -> Workbench:
    """An agent for every ten strings: in its prompt, rationale and critique its own, in its edit the next ten; a role has one."""
    chunks = [strings[at : at + each] for at in range(0, len(strings), each)]
    nodes = [
        Agent(f"a{at:03}", f"Part {at} of the work.\n{{{{question}}}}\n" + "\n".join(chunk), role=chunk[0])
        for at, chunk in enumerate(chunks)
    ]
    last = [node.name for node in nodes[:-1]]
    joined = " ".join(f"{{{{{name}}}}}" for name in last)
    nodes[-1] = Agent(nodes[-1].name, f"{nodes[-1].prompt.text}\n{joined}", role=nodes[-1].role)

    def edit(prompt: str, number: int) -> str:
        at = int(re.findall(r"Part (\d+) of", prompt)[0])
        return prompt + "\nAnd:\n" + "\n".join(chunks[(at + 1) % len(chunks)])

    model = Teller(edit=edit)
    model.about = lambda text: "\n".join(chunks[int((re.findall(r"Part (\d+) of the work", text) or ["0"])[0])])
    table = [{**row, "question": f"{row['question']} {text}"} for row, text in zip(rows(16), strings[-16:], strict=True)]
    return waiting(Graph(nodes), model=model, data=table, cap_tokens=100_000, minibatch=1)


def flipping(strings: Sequence[str]) -> Workbench:
    """One proposal whose forty flipped rows have hostile outputs and notes, of a hostile author in a file of a hostile name."""
    name = "<img src=x onerror=owned()> \u202eada"

    def row_of(text: str) -> int:
        return int(re.findall(r"row (\d+):", text)[0])

    def judged(output: str, question: str) -> Score:
        """Higher when the prompt was edited <img src=x onerror=owned()>."""
        return Score(float("after" in output), strings[80 + (row_of(question) - 6) % 40])

    table = [{"question": f"row {at}: {strings[at]}", "target": strings[at]} for at in range(60)]
    model = Teller(edit=lambda prompt, _: prompt + "\nMind the after.")

    def act(request: Request) -> str:
        at = row_of(request.text) - 6
        return f"{strings[(at + 40 * ('after' in request.text)) % 80]} {'after' if 'after.' in request.text else ''}"

    model.act = act
    graph = Graph([Agent("answer", "Answer it.\n{{question}}", role=strings[50])])
    bench = waiting(graph, ("nudged",), model, data=table, gate_rows=40, name=name, metric=judged, train=6, validation=40)
    bench.by = name
    bench.command("assess", proposal=bench.state.step.pending[0].id).result()  # type: ignore[union-attr]
    return bench


def named(names: Sequence[str]) -> Graph:
    """A chain of agents with these names."""
    reads = ["question", *names[:-1]]
    pairs = enumerate(zip(names, reads, strict=True))
    return Graph([Agent(name, f"Part {at} of the work.\n{CARE}\n{{{{{read}}}}}") for at, (name, read) in pairs])


def huge(strings: Sequence[str], size: int = 200_000) -> Workbench:
    """A proposal for a prompt of 200 kB that is all hostile strings, changed at both ends."""
    flat = [" ".join(text.split()) for text in strings]
    body = "\n".join(" ".join(flat[at : at + 5]) for at in range(0, len(flat), 5))
    text = (body * (size // len(body) + 1))[:size]
    agents = [Agent("answer", f"Part 0 of the work.\n{{{{question}}}}\n{text}\nThe end.")]

    def edit(prompt: str, _: int) -> str:
        return prompt.replace("the work.", "the work. Mind it.", 1) + " Be brief."

    return waiting(Graph(agents), model=Teller(edit=edit))
