"""The verbs that drive a session: begin, step, decide, go back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tep_nb.core.review import Evidence, Proposal
from tep_nb.core.state import State
from tep_nb.errors import ConfigError
from tep_nb.method.caution import cautions
from tep_nb.method.verdict import check_step
from tep_nb.notebook import show
from tep_nb.notebook.desk import Desk
from tep_nb.notebook.loop import Ticket
from tep_nb.notebook.options import Call, nearest, whole
from tep_nb.notebook.past import left_steps
from tep_nb.notebook.screen import Values
from tep_nb.notebook.text import one_line
from tep_nb.notebook.views import static_review
from tep_nb.session import Session

__all__ = ["DRIVING"]


def _change(desk: Desk, verb: str, also: Callable[[], str] = str, **args: Any) -> State:
    """Run a command that decides, and say what it led to, also where it failed half way; ``also`` is said at the end."""
    before = _state(desk)

    def tell(state: State) -> str:
        return "\n".join(filter(None, (show.after(before, state), also())))

    def otherwise() -> str:
        state = _state(desk)
        return tell(state) if state.reviewed != before.reviewed else ""

    result: State = desk.do_long(verb, tell, otherwise, **args)
    return result


def _state(desk: Desk) -> State:
    return desk.bench.current().state


def _start(desk: Desk, call: Call) -> Session:
    session: Session = desk.do("start", path=str(call.arg()), again=call.has("again"))
    state = session.state
    what = f"prompts: {', '.join(state.prompts)}; output: {state.graph.output}; metric: {one_line(str(state.metric['name']))}"
    desk.screen.say(f"{desk.describe(session)}\n{what}\n{show.data_text(state.dataset)}")
    return desk.screen.mute(session)


def _resume(desk: Desk, call: Call) -> Session:
    session: Session = desk.do("resume", path=str(call.arg()))
    made, notes = desk.do("cells")
    desk.screen.say(desk.describe(session))
    for proposal in made:
        desk.screen.say(f"the cell of {proposal.prompt} was changed since: its text waits as a proposal")
    for note in notes:
        desk.screen.say(f"note: {note}")
    return desk.screen.mute(session)


def _step(desk: Desk, call: Call) -> Ticket:  # noqa: ARG001  one signature for all verbs
    check_step(_state(desk))  # at once: the step itself would fail in the background
    return desk.screen.mute(desk.leave("step"))


def _wait(desk: Desk, call: Call) -> None:
    """Nothing is left to do: the gate has waited."""


def _pending(desk: Desk, call: Call) -> Values:  # noqa: ARG001
    state = _state(desk)
    text = show.pending_text(state)
    if desk.screen.changes and state.step.pending:
        desk.screen.bundle({"text/plain": text, "text/html": static_review(state)})
    else:
        desk.screen.say(text)
    return desk.screen.mute(Values(state.step.pending))


def _nothing(desk: Desk, name: str) -> bool:
    """Say so where a prompt has nothing pending: for a decision this is no error."""
    if desk.bench.find(name) is not None:
        return False
    desk.screen.say(f"nothing is pending for {name}, nothing was changed: %tep step asks for more")
    return True


def _assess(desk: Desk, call: Call) -> Evidence | Values:
    state, name = _state(desk), call.arg()
    if (name is None and not state.step.pending) or (name is not None and _nothing(desk, name)):
        if name is None:
            desk.screen.say(show.pending_text(state))
        return desk.screen.mute(Values())

    def tell(found: Evidence | tuple[Evidence, ...]) -> str:
        every = found if isinstance(found, tuple) else (found,)
        told = [line for one in every for line in (show.evidence_text(one, state), show.flips_text(one.flips))]
        return "\n".join(filter(None, told))

    found = desk.do_long("assess", tell, proposal=name, kind=call.option("kind"))
    return desk.screen.mute(Values(found)) if isinstance(found, tuple) else found


def _decide(desk: Desk, call: Call, also: Callable[[], str] = str, **args: Any) -> State:
    """One of the verdicts on one prompt; ``also`` is said at the end."""
    state, name = _state(desk), str(call.arg())
    everything = call.verb.name == "approve" and name == "all"
    if everything and not state.step.pending:
        desk.screen.say("nothing is pending, nothing was changed: %tep step asks for more")
        return desk.screen.mute(state)
    if not everything and _nothing(desk, name):
        return desk.screen.mute(state)
    return _change(desk, call.verb.name, also, proposal=name, by=call.option("by"), **args)


def _approve(desk: Desk, call: Call) -> State:
    return _decide(desk, call, override=call.option("override"))


def _take(desk: Desk, call: Call) -> State:
    parts = [part for word in call.args[1:] for part in word.split(",") if part]
    return _decide(desk, call, hunks=[whole("a hunk", part, 1) for part in parts], override=call.option("override"))


def _edit(desk: Desk, call: Call) -> State | None:
    name = str(call.arg())
    if call.body is not None:
        text, before = call.body.removesuffix("\n"), _state(desk)
        found = desk.bench.find(name)

        def warn() -> str:
            """A text of a person's own was not warned of before: it is said at once, and can be taken back."""
            if found is None or _state(desk).decisions[-1:] == before.decisions[-1:]:
                return ""
            told = cautions(before, desk.bench.current().method, found.prompt, text)
            return "\n".join([*(f"warning: {one_line(warning)}" for warning in told), *["%tep undo takes it back"] * bool(told)])

        return _decide(desk, call, warn, text=text, override=call.option("override"))
    if _nothing(desk, name):
        return None
    proposal = desk.bench.find(name)
    assert proposal is not None
    options = [f" --{key} {value}" for key in ("by", "override") if (value := call.option(key)) is not None]
    desk.ip.set_next_input(f"%%tep edit {name}{''.join(options)}\n{proposal.after}", replace=False)
    desk.screen.say("the cell below holds the proposed text: change it and run it")
    return None


def _reject(desk: Desk, call: Call) -> State:
    return _decide(desk, call, reason=call.text)


def _skip(desk: Desk, call: Call) -> State:
    return _decide(desk, call)


def _again(desk: Desk, call: Call) -> Proposal | None:
    if _nothing(desk, str(call.arg())):
        return None
    proposal: Proposal = desk.do_long(
        "again", lambda new: show.proposal_text(_state(desk), new),
        proposal=str(call.arg()), reason=call.text, by=call.option("by"),
    )  # fmt: skip
    return desk.screen.mute(proposal)


def _suggest(desk: Desk, call: Call) -> Proposal:
    assert call.body is not None
    proposal: Proposal = desk.do(
        "suggest", prompt=_prompt(desk, call), text=call.body.removesuffix("\n"), reason=call.option("reason") or "",
        by=call.option("by"),
    )  # fmt: skip
    desk.screen.say(show.proposal_text(_state(desk), proposal))
    return desk.screen.mute(proposal)


def _prompt(desk: Desk, call: Call) -> str:
    """A prompt's name, or that of one of its agents."""
    name, graph = str(call.arg()), _state(desk).graph
    return next((agent.prompt_name for agent in graph.agents if agent.name == name), name)


def _freeze(desk: Desk, call: Call) -> State:
    name = _prompt(desk, call)
    waits = [one.id for one in _state(desk).step.pending if one.prompt == name]
    state: State = desk.do("freeze", prompt=name, off=call.has("off"), by=call.option("by"))
    gone = len(waits) - sum(one.id in waits for one in state.step.pending)
    also = f"; {gone} proposal{'s were' if gone > 1 else ' was'} withdrawn" if gone else ""
    desk.screen.say(f"{name} is {'edited again' if call.has('off') else f'frozen: no edit is asked for{also}'}")
    return desk.screen.mute(state)


def _undo(desk: Desk, call: Call) -> State:
    before = _state(desk)
    state: State = desk.do("undo", by=call.option("by"))
    last = before.decisions[-1]
    taken = before.reviewed[-1][0].prompt
    lines = [f"took back: {last.verdict} of {taken} ({last.proposal}, by {last.by})"]
    if left := left_steps(before, state):
        gone = f"{left} {'are' if ' to ' in left else 'is'} left (rewind cannot return there; the journal keeps what was left)"
        lines.append(f"back at step {state.step.index}, {state.step.phase}; {gone}")
    desk.screen.say("\n".join([*lines, show.after(state, state)]))
    return desk.screen.mute(state)


def _rewind(desk: Desk, call: Call) -> State:
    state: State = desk.do("rewind", to=whole("the step", str(call.arg())), by=call.option("by"))
    desk.screen.say(f"back at step {state.step.index}, branch {state.branch}\n{show.after(state, state)}")
    return desk.screen.mute(state)


def _fork(desk: Desk, call: Call) -> Session:
    at = call.option("at")
    other: Session = desk.do("fork", path=str(call.arg()), at=None if at is None else whole("--at", at))
    desk.screen.say(f"forked into {other.path.name}: %tep resume {call.arg()} goes on there; this session stays the current one")
    return desk.screen.mute(other)


def _run(desk: Desk, call: Call) -> State:
    auto, until, steps = call.option("auto"), call.option("until") or "done", call.option("steps")
    if auto is None:
        raise ConfigError("run needs --auto POLICY, for nobody decides by default: approve_all, or approve_if:proven,gain=0.02")
    if until not in ("nudged", "done"):
        raise ConfigError(f"--until is {until!r}: {nearest(until, ('nudged', 'done'))}use nudged or done")
    number = None if steps is None else whole("--steps", steps, 1)
    session = desk.bench.current()
    return _change(desk, "run", lambda: f"ended: {one_line(session.ended)}", auto=auto, until=until, steps=number)


def _stop(desk: Desk, call: Call) -> None:  # noqa: ARG001
    stopped: Ticket | None = desk.bench.command("stop").result()
    if stopped is None:
        desk.screen.say("nothing is running")
        return
    desk.bench.loop.wait([stopped])
    desk.screen.say(f"stopped {stopped.name}; what it had recorded is kept")


DRIVING: dict[str, Callable[[Desk, Call], Any]] = {
    "start": _start, "resume": _resume, "step": _step, "wait": _wait, "pending": _pending, "assess": _assess, "approve": _approve,
    "take": _take, "edit": _edit, "reject": _reject, "skip": _skip, "again": _again, "suggest": _suggest, "freeze": _freeze,
    "undo": _undo, "rewind": _rewind, "fork": _fork, "run": _run, "stop": _stop,
}  # fmt: skip
"""Verb to what it does."""
