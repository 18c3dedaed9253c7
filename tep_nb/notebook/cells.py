"""What running a cell means while a session is open, and what the cells say when one is opened again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tep_nb.core.graph import Node
from tep_nb.core.node import Agent, Tool, first_sentence
from tep_nb.core.review import Proposal
from tep_nb.core.rubric import Rubric
from tep_nb.core.state import State
from tep_nb.errors import ConfigError
from tep_nb.notebook.drafts import Drafts
from tep_nb.session import Session

__all__ = ["Declared", "catch_up", "changed_setup", "declare", "fits"]

_REMEDY = (
    "A session keeps all but its prompts' texts: declare it as it was, begin another session with %tep start OTHER.tep, "
    "or keep a copy of this one with %tep fork FILE"
)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a cell led to: warnings on the draft, or a proposal in the open session; neither when it says nothing new."""

    node: Node
    warnings: tuple[str, ...] = ()
    proposal: Proposal | None = None
    note: str = ""


def declare(drafts: Drafts, session: Session | None, node: Node, by: str) -> Declared:
    """Take a cell's agent or tool into the drafts; in an open session a new text becomes a proposal.

    Raises
    ------
    ConfigError
        The cell changes what a session keeps; names ``start`` and ``fork``. The draft is kept for the next start.
    PromptError
        The new text adds or drops a placeholder or a protected span.
    """
    before = drafts.nodes.get(node.name)
    drafts.nodes[node.name] = node
    if session is None:
        return Declared(node, tuple(drafts.warnings(node)))
    state = session.state
    if faults := _faults(node, state):
        raise ConfigError(f"the running session does not have what this cell declares: {'; '.join(faults)}. {_REMEDY}")
    if not isinstance(node, Agent) or not _is_edit(state, node, before, drafts):
        return Declared(node, note=_unchanged(state, node))
    made = session.suggest(node.prompt_name, node.prompt.text, "edited in its cell", by=by, cell=True)
    return Declared(node, proposal=made)


def _unchanged(state: State, node: Node) -> str:
    """How the session stands to a cell that is no edit."""
    if not isinstance(node, Agent) or state.prompts[node.prompt_name].text == node.prompt.text:
        return "as the session has it"
    if any(p.prompt == node.prompt_name and p.after == node.prompt.text for p in state.step.pending):
        return "unchanged; its text waits for a decision"
    return "unchanged; the session's prompt was edited since"


def _is_edit(state: State, agent: Agent, before: Node | None, drafts: Drafts) -> bool:
    """Whether the body differs from the one the journal last recorded for the cell (and from the prompt as it stands)."""
    name, text = agent.prompt_name, agent.prompt.text
    if text in (state.cells.get(name), state.prompts[name].text):
        return False
    # A shared prompt has several cells and one record: a cell that was not changed is no edit because another one was.
    others = (other for other in drafts.agents if other.name != agent.name and other.prompt_name == name)
    same = isinstance(before, Agent) and before.prompt.text == text
    return not (same and any(other.prompt.text == state.cells.get(name) for other in others))


def catch_up(session: Session, drafts: Drafts, by: str) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """Put the texts of cells that were changed while the session was closed forward as proposals; and what could not be."""
    state = session.state
    made, notes = [], []
    for name, prompt in state.prompts.items():
        texts = {agent.prompt.text for agent in drafts.agents if agent.prompt_name == name}
        if len(texts) > 1:
            notes.append(f"the cells that share the prompt {name} have different texts: none of them is taken")
        elif texts and (text := texts.pop()) not in (state.cells.get(name), prompt.text):
            made.append(session.suggest(name, text, "edited in its cell", by=by, cell=True))
    if drafts.method.settings() != session.method.settings() and drafts.method != type(drafts.method)():
        notes.append("the session keeps the method it was started with, not the one that is declared")
    return tuple(made), tuple(notes)


def fits(drafts: Drafts, state: State) -> None:
    """Refuse drafts that are not the session's, their texts apart.

    Raises
    ------
    ConfigError
        Names what differs, ``start`` and ``fork``.
    """
    if missing := [tool.name for tool in state.graph.tools if tool.name not in drafts.nodes]:
        names = f"tool{'s' * (len(missing) > 1)} {', '.join(missing)}"
        raise ConfigError(f"the session has the {names}: run the %%tep_tool cell first, then resume")
    if state.metric["kind"] == "function" and drafts.metric is None:
        own = state.metric["name"]
        raise ConfigError(f"the session has a metric of its own, {own}: run its cell and %tep metric {own} first, then resume")
    faults = [fault for node in drafts.nodes.values() for fault in _faults(node, state)]
    faults += [f"the {what} is another" for what in changed_setup(drafts, state)]
    if faults:
        what = "; ".join(faults)
        raise ConfigError(f"the file's session is not what the cells declare: {what}. {_REMEDY}; %tep reset forgets the cells")


def changed_setup(drafts: Drafts, state: State) -> list[str]:
    """Names of the settings that are declared otherwise than the session has them."""
    found = []
    if drafts.data is not None and drafts.data != state.dataset:
        found.append("data")
    if drafts.metric is not None and drafts.metric.spec() != dict(state.metric):
        found.append("metric")
    if drafts.objective and drafts.objective != state.objective:
        found.append("objective")
    if drafts.output is not None and drafts.output != state.graph.output:
        found.append("output")
    return found


def _faults(node: Node, state: State) -> list[str]:
    """What a cell declares otherwise than the graph with which the session began, its text apart."""
    first = state.lineage[-1].graph
    recorded = next((known for known in first.nodes if known.name == node.name), None)
    if recorded is None:
        return [f"{node.name} is not in its graph"]
    if isinstance(node, Agent) and isinstance(recorded, Agent):
        return [f"{node.name} has another {what}" for what in _changed(node, recorded)]
    if isinstance(node, Tool) and isinstance(recorded, Tool):
        same = (node.version, node.outputs, node.needs) == (recorded.version, recorded.outputs, recorded.needs)
        return [] if same else [f"{node.name} is another version of the tool"]
    return [f"{node.name} is {'a tool' if isinstance(recorded, Tool) else 'an agent'} there"]


def _changed(cell: Agent, recorded: Agent) -> list[str]:
    """What differs; a role and a rubric that were made from the text are no declaration."""
    pairs: Mapping[str, tuple[object, object]] = {
        "output (--out)": (cell.outputs, recorded.outputs),
        "input (--in)": (dict(cell.inputs), dict(recorded.inputs)),
        "prompt name (--prompt)": (cell.prompt_name, recorded.prompt_name),
        "model (--model)": (cell.model, recorded.model),
        "temperature (--temperature)": (cell.temperature, recorded.temperature),
        "--freeze": (cell.frozen, recorded.frozen),
        "protected text (--protect)": (cell.prompt.protect, recorded.prompt.protect),
        "guard (--when)": (cell.guard, recorded.guard),
        "expects": (cell.expects, recorded.expects),
    }
    found = [name for name, (new, old) in pairs.items() if new != old]
    if cell.role != recorded.role and not (_made_role(cell) and _made_role(recorded)):
        found.append("role")
    made = cell.rubric == Rubric.for_role(cell.role) and recorded.rubric == Rubric.for_role(recorded.role)
    if cell.rubric != recorded.rubric and not made:
        found.append("rubric")
    return found


def _made_role(agent: Agent) -> bool:
    return agent.role == first_sentence(agent.prompt.text)
