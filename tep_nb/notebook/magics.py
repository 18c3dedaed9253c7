"""The magics: read the line, call the workbench, show what came of it."""

from __future__ import annotations

import ast
import atexit
import re
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from tep_nb.core.graph import Node
from tep_nb.core.node import Tool
from tep_nb.errors import GraphError, TepError
from tep_nb.notebook import declaring, modelling, show, writing
from tep_nb.notebook.carry import carried
from tep_nb.notebook.cell import parse_agent, parse_tool
from tep_nb.notebook.cells import Declared
from tep_nb.notebook.complete import Completion
from tep_nb.notebook.desk import Desk, plain_errors
from tep_nb.notebook.driving import DRIVING
from tep_nb.notebook.looking import LOOKING
from tep_nb.notebook.options import Call, nearest, overview, parse, usage
from tep_nb.notebook.text import one_line
from tep_nb.notebook.verbs import GROUPS, VERBS
from tep_nb.notebook.workbench import Workbench, author

__all__ = ["TepMagics", "load", "unload"]

_NAME = "TepMagics"
_HELP = re.compile(r"(?:^|\s)(?:--help|-h)(?:\s|$)")
_QUESTION = re.compile(r"([ \t]*(?:[\w., \t]+=[ \t]*)?)%tep[ \t]+(.*\?)[ \t]*$")
_EMPTY = re.compile(r"%%tep(?:_agent|_tool)?(?:[ \t].*)?\s*$")
_CELLS = """\
%%tep_agent NAME … declares an agent, its prompt is the cell's body; %%tep_tool declares a tool, its body is one function.
%tep VERB --help says more of a verb; %%tep_agent --help and %%tep_tool --help of the cells.

"""


@magics_class
class TepMagics(Magics):
    """``%tep``, ``%%tep``, ``%%tep_agent`` and ``%%tep_tool`` of one shell; holds its workbench."""

    def __init__(self, shell: InteractiveShell, bench: Workbench) -> None:
        super().__init__(shell)
        self.bench = bench
        self.desk = Desk(shell, bench)
        self.completion = Completion(shell, bench)
        self._verbs: dict[str, Callable[[Desk, Call], Any]] = {
            **DRIVING,
            **LOOKING,
            "model": modelling.model, "data": declaring.data, "metric": declaring.metric, "objective": declaring.objective,
            "output": declaring.output, "budget": declaring.budget, "method": declaring.method, "graph": declaring.graph,
            "ask": declaring.ask, "drop": declaring.drop, "reset": declaring.reset,
            "report": writing.report, "export": writing.export_prompts, "help": _help,
        }  # fmt: skip

    def close(self) -> None:
        """Remove every trace of the extension but the files."""
        self.completion.close()
        self.desk.screen.close()
        self.bench.close()

    @no_var_expand
    @line_cell_magic
    def tep(self, line: str, cell: str | None = None) -> Any:
        """Drive a session of Textual Equilibrium Propagation; ``%tep help`` lists the verbs."""
        with plain_errors():
            call = parse(line, VERBS, cell)
            if call.help:
                self.desk.screen.say(_full(call.verb.name))
                return None
            if call.verb.waits:
                self.desk.gate()
            try:
                value = self._verbs[call.verb.name](self.desk, call)
            finally:
                self.desk.screen.refresh()
            if (key := _lasting(call)) is not None:
                named = str(call.arg())
                self.bench.setup[key] = f"{carried(named, self.desk.names.get(named))}%tep {line}"
            return value

    @no_var_expand
    @line_cell_magic
    def tep_agent(self, line: str, cell: str | None = None) -> None:
        """Declare an agent; ``%%tep_agent --help`` says how."""
        with plain_errors():
            if cell is None and not _HELP.search(line):
                raise GraphError("an agent's prompt is the cell's body: begin the cell with %%tep_agent, with two percent signs")
            found = parse_agent(line, cell or "")
            if isinstance(found, str):
                self.desk.screen.say(found)
                return
            self._declare(found)

    @no_var_expand
    @line_cell_magic
    def tep_tool(self, line: str, cell: str | None = None) -> None:
        """Declare a tool; ``%%tep_tool --help`` says how."""
        with plain_errors():
            header = parse_tool(line)
            if isinstance(header, str):
                self.desk.screen.say(header)
                return
            if cell is None:
                raise GraphError("a tool's function is the cell's body: begin the cell with %%tep_tool, with two percent signs")
            function = self._function(cell)
            tool = Tool(function, output=header.output, version=header.version, source=cell)
            self._declare(tool)
            self.bench.setup[f"tool {tool.name}"] = f"%%tep_tool {line}\n{cell}"

    def _declare(self, node: Node) -> None:
        self.desk.gate()
        done: Declared = self.desk.do("cell", node=node)
        self.desk.screen.say(f"{show.node_text(node)}{f': {done.note}' if done.note else ''}")
        for warning in done.warnings:
            self.desk.screen.say(f"warning: {one_line(warning)}")
        if done.proposal is not None:
            state = self.bench.current().state
            self.desk.screen.say(f"the new text waits as a proposal:\n{show.proposal_text(state, done.proposal)}")
        self.desk.screen.refresh()

    def _function(self, source: str) -> Callable[..., Any]:
        """Run a tool's cell in the notebook's namespace; its one function."""
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            raise GraphError(f"the tool's cell is not Python: {error.msg} in line {error.lineno}; mend it") from None
        names = [item.name for item in tree.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
        if len(names) != 1:
            found = ", ".join(names) or "none"
            raise GraphError(f"the tool's cell defines {len(names)} functions ({found}): write one, and others inside it")
        # IPython's cache of sources makes tracebacks of the tool, and inspect.getsource, show this cell.
        file = self.desk.ip.compile.cache(source)
        try:
            exec(compile(source, file, "exec", dont_inherit=True), self.desk.names)  # noqa: S102  the analyst's own cell
        except TepError:
            raise
        except Exception as error:  # noqa: BLE001  whatever the analyst's code raises is one line here
            raise GraphError(f"the tool's cell failed: {type(error).__name__}: {error}; mend it") from None
        function: Callable[..., Any] = self.desk.names[names[0]]
        return function


def _lasting(call: Call) -> str | None:
    """What a line declares that a session's file does not hold: its models and its metric, which a task brings with its data."""
    name = call.verb.name
    if name == "model":
        return f"model {call.option('for') or 'actor'}"
    return name if name == "metric" or (name == "data" and str(call.arg()).startswith("task:")) else None


def _full(name: str) -> str:
    """A verb's usage, what it is for, and its options."""
    verb = VERBS[name]
    width = max((len(f"{o.flag} {o.value}") for o in verb.options), default=0)
    lines = [usage(verb), verb.about]
    lines += [f"  {f'{o.flag} {o.value}'.ljust(width)}  {o.about}" for o in verb.options]
    return "\n".join([*lines, verb.more] if verb.more else lines)


def _help(desk: Desk, call: Call) -> None:
    name = call.arg()
    if name is None:
        desk.screen.say(_CELLS + overview(VERBS, GROUPS))
    elif name not in VERBS:
        raise GraphError(f"no verb is called {name!r}: {nearest(name, VERBS)}%tep help lists all verbs")
    else:
        desk.screen.say(_full(name))


def keep_questions(lines: list[str]) -> list[str]:
    """Call ``%tep`` outright where its line ends in a question mark, which IPython takes for a request for help.

    An input transformer; lines inside a text of several lines are left alone.
    """
    found, quoted = [], ""
    for line in lines:
        match = None if quoted.count('"""') % 2 or quoted.count("'''") % 2 else _QUESTION.match(line)
        found.append(line if match is None else f"{match[1]}get_ipython().run_line_magic('tep', {match[2].strip()!r})\n")
        quoted += line
    return found


def keep_empty_cells(lines: list[str]) -> list[str]:
    """Give a ``%%tep`` cell without a body an empty line, for IPython answers it itself, and would send people to ``%tep``.

    An input transformer.
    """
    empty = len(lines) == 1 and _EMPTY.match(lines[0]) and not lines[0].rstrip().endswith("?")
    return [*lines, "\n"] if empty else lines


_TRANSFORMERS = (keep_questions, keep_empty_cells)


def load(ip: InteractiveShell) -> None:
    """Register the magics, with a workbench of their own; what was loaded before is unloaded."""
    unload(ip)
    magics = TepMagics(ip, Workbench(author()))
    ip.register_magics(magics)
    atexit.register(magics.close)  # a kernel that is shut down leaves the session's file alone, checkpointed
    ip.input_transformers_cleanup.extend(_TRANSFORMERS)


def unload(ip: InteractiveShell) -> None:
    """Remove the magics and the completion, close the session, end its thread."""
    magics = ip.magics_manager.registry.pop(_NAME, None)
    if isinstance(magics, TepMagics):
        atexit.unregister(magics.close)
        magics.close()
        for transformer in _TRANSFORMERS:
            if transformer in ip.input_transformers_cleanup:
                ip.input_transformers_cleanup.remove(transformer)
        for kind in ("line", "cell"):
            for name in ("tep", "tep_agent", "tep_tool"):
                ip.magics_manager.magics[kind].pop(name, None)
