"""Commands that print, continue and repeat a session; each runs as it stands in the folder of the journal."""

from __future__ import annotations

import shlex
from pathlib import PurePath

from tep_nb.core.state import State

__all__ = ["commands"]

_REPLAY = (
    "Every call, scrubbed, so that others can replay it without a key (%tep model recorded:…). Scrubbing goes by the look "
    "of a text: read the file before it is shared."
)
_RESUME = "Go on from here in Python; model is yours, and code is passed again and checked by name and version."


def commands(name: str, state: State) -> list[tuple[str, str]]:
    """What a command is for, and the command.

    Parameters
    ----------
    name : str
        Of the journal's file.
    state : State
        Tells whether code has to be passed again.
    """
    file, stem = shlex.quote(name), PurePath(name).stem
    calls = shlex.quote(f"{stem}.calls.jsonl")
    code = [f"tools=[{', '.join(tool.name for tool in state.graph.tools)}]"] if state.graph.tools else []
    code += [f"metric={state.metric['name']}"] if state.metric.get("kind") == "function" else []
    return [
        ("Print the session: measurements, decisions, prompts.", f"tep-nb show {file}"),
        ("The prompts and decisions as data.", f"tep-nb export {file} --format yaml"),
        ("This report.", f"tep-nb report {file}"),
        (_REPLAY, f"tep-nb export {file} --calls --out {calls}"),
        (_RESUME, f"tep_nb.Session.resume({', '.join([repr(name), 'model=model', *code])})"),
    ]
