"""The verbs of ``%tep``: a table."""

from __future__ import annotations

from tep_nb.notebook.options import Option, Verb

__all__ = ["GROUPS", "VERBS"]

_BY = Option("--by", "NAME", "who decides; by default $JUPYTERHUB_USER, else the login name")
_OVERRIDE = Option("--override", "REASON", "apply it against its evidence or a leak warning; the journal keeps why", rest=True)
_MODELS = Option("--model", "MODEL", "a name given with %tep model … --for NAME; several make a transfer table", many=True)

_TABLE = (
    Verb(
        "model", "Who answers: the simulated model, a server, or a function or object of yours.",
        ("simulated|openai:NAME|recorded:FILE|CALLABLE",),
        options=(
            Option("--for", "ROLE", "actor, critic, editor, judge, or a name for --model; by default actor, and so all"),
            Option("--base-url", "URL", "of a server that speaks OpenAI's chat completions"),
            Option("--key-env", "ENV", "the environment variable that holds the key; a key itself is never an argument"),
            Option("--concurrency", "N", "calls in flight at most, beside the session's 16"),
            Option("--rpm", "N", "requests in any 60 seconds at most"),
            Option("--tpm", "N", "tokens in any 60 seconds at most"),
            Option("--price", "IN/OUT", "for a million tokens of prompts and of answers, as in 0.4/1.6"),
            Option("--timeout", "SECONDS", "that one attempt may take; by default 120"),
            Option("--max-tokens", "N", "the longest answer"),
            Option("--no-check", "", "leave the first tiny call away"),
        ),
        more=(
            "CALLABLE is a variable with a function, plain or async: def f(messages, temperature, schema, seed, max_tokens).\n"
            'messages is a list of {"role": …, "content": …}; of the other four, keyword arguments, it gets what it names,\n'
            "all with **sampling; None where a request has none. It returns the text as a str, or a tep_nb.Reply.\n"
            "An object with a name and an async complete(request) is a model too.\n"
            "recorded:FILE replays a session, or calls that tep-nb export FILE --calls has written, without a key.\n"
            "openai:NAME is checked with one tiny call, which says how the server differs from OpenAI's own."
        ),
    ),
    Verb(
        "data", "The table of examples: a file, a variable or a task of the package.",
        ("FILE|VARIABLE|task:NAME",),
        options=(
            Option("--target", "COLUMN", "the column that the metric compares with; by default target"),
            Option("--rename", "new=old", "call a column by another name", many=True),
            Option("--split", "20/40/40", "train, validation, test: shares when they sum to 100 (or 1), else rows"),
            Option("--seed", "0", "of the shuffle before the split"),
        ),
    ),
    Verb("metric", "A built-in metric, accuracy:LABEL,LABEL, or a function of yours.", ("METRIC",)),
    Verb("objective", "One to three sentences saying what a good answer is.", text="TEXT"),
    Verb("output", "The field that is the answer of the whole; without FIELD, the one that nothing reads.", ("[FIELD]",)),
    Verb("budget", "What may be spent: calls, tokens, seconds, cost.", ("NAME=VALUE…",)),
    Verb("method", "The optimiser and its settings.", ("TEP", "[NAME=VALUE…]")),
    Verb("graph", "Draw the agents and tools."),
    Verb("ask", "Send one question through the graph.", options=(Option("--row", "N", "the example with this id"),),
         text="[TEXT | field=value …]"),
    Verb("drop", "Forget an agent or tool that was declared.", ("AGENT",)),
    Verb("reset", "Close the session and forget all that was declared; files stay."),
    Verb("start", "Begin a session in a new file.", ("FILE",),
         options=(Option("--again", "", "set the old file aside, keep its calls as the record"),)),
    Verb("resume", "Go on with the session in a file.", ("FILE",)),
    Verb("step", "Ask for the next edits; returns at once."),
    Verb("wait", "Wait for the commands before it."),
    Verb("pending", "Show the proposals that wait for a decision."),
    Verb("assess", "Buy evidence for a pending proposal, or for all.", ("[PROMPT]",),
         options=(Option("--kind", "metric|local", "on validation rows, or the critic's score; by default the phase's"),)),
    Verb("approve", "Apply a proposal, or all in order.", ("PROMPT|all",), options=(_BY, _OVERRIDE)),
    Verb("take", "Apply some hunks of a proposal, by number.", ("PROMPT", "1,3…"), options=(_BY, _OVERRIDE)),
    Verb("edit", "Apply a text of your own instead of the proposed one.", ("PROMPT",), options=(_BY, _OVERRIDE), cell="optional"),
    Verb("reject", "Leave the prompt, and tell the editor why.", ("PROMPT",), "REASON", (_BY,)),
    Verb("skip", "Leave the prompt and tell nobody.", ("PROMPT",), options=(_BY,)),
    Verb("again", "Ask the editor for another proposal in the place of this one, which is rejected.", ("PROMPT",), "[REASON]",
         (_BY,)),
    Verb("suggest", "Put an edit of your own forward as a proposal.", ("PROMPT",),
         options=(_BY, Option("--reason", "TEXT", "why", rest=True)), cell="only"),
    Verb("freeze", "Ask for no edit of a prompt.", ("PROMPT",), options=(Option("--off", "", "ask again"), _BY)),
    Verb("undo", "Take back the last decision.", options=(_BY,)),
    Verb("rewind", "Return to the state in which step N was complete; 0 is the start.", ("N",), options=(_BY,)),
    Verb("fork", "Copy the session into a new file; this one stays the current one.", ("FILE",),
         options=(Option("--at", "N", "as of this step"),)),
    Verb("run", "Step and decide by a policy.",
         options=(
             Option("--auto", "POLICY", "approve_all, reject_all or approve_if:proven,gain=0.02,reject"),
             Option("--until", "PHASE", "nudged or done (the default)"),
             Option("--steps", "N", "at most so many steps"),
         )),
    Verb("stop", "Stop the running command; the queue goes on.", waits=False),
    Verb("evaluate", "Measure the metric on a split.", ("SPLIT",),
         options=(Option("--by", "COLUMN", "means by the values of a column"), _MODELS)),
    Verb("compare", "What lies between two points: prompts, and the metric on the gate's rows.", ("ONE", "[OTHER]"),
         more="ONE and OTHER are steps that are complete, 0 is the start; without OTHER, now."),
    Verb("flow", "One example through the graph, and what the last edit changed on the way.", ("ROW",)),
    Verb("session", "The session of this kernel, as a value."),
    Verb("studio", "The graph and the review, live."),
    Verb("status", "Where the session is, and what runs.", waits=False),
    Verb("history", "Steps, scores, decisions and evaluations."),
    Verb("cost", "What was spent, and what the next step can cost."),
    Verb("report", "Write the report of the session (or of a session file) as one HTML file.", ("[FILE]",),
         options=(Option("--out", "PATH", "where to; by default beside the session's file"),)),
    Verb("export", "Print or write the prompts.", ("[FILE]",),
         options=(
             Option("--format", "FORMAT", "yaml, json, jsonl or ipynb"),
             Option("--out", "PATH", "write there instead of printing"),
             Option("--notebook", "NOTEBOOK", "with ipynb: the notebook whose agents' cells get the prompts, in a copy"),
         )),
    Verb("help", "This list, or one verb in full.", ("[VERB]",), waits=False),
)  # fmt: skip

VERBS: dict[str, Verb] = {verb.name: verb for verb in _TABLE}
"""Name to verb."""

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Declare", ("model", "data", "metric", "objective", "output", "budget", "method", "graph", "ask", "drop", "reset")),
    ("Go", ("start", "resume", "step", "run", "wait", "stop")),
    (
        "Decide",
        (
            "pending", "assess", "approve", "take", "edit", "reject", "skip", "again", "suggest", "freeze", "undo", "rewind",
            "fork",
        ),
    ),
    ("Look", ("evaluate", "compare", "flow", "studio", "status", "history", "cost", "session", "report", "export", "help")),
)  # fmt: skip
"""How the overview sorts them."""
