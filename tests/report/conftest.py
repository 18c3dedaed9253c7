"""One session with a decision of every kind, hostile text, an undo and a branch that was left."""

import asyncio
import json
from pathlib import Path

import pytest

import tep_nb as tep
from tep_nb.core.rubric import ALIGNMENT, SIX

HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m\u202e$x$"
PLAN = "Make a plan.\nQuestion: {{question}}"
ANSWER = "Answer the question. Be kind.\nQuestion: {{question}}\nPlan: {{plan}}"
BETTER = PLAN.replace("plan.", f"plan. Name each step {HOSTILE}.")
WORDY = ANSWER.replace("kind.", "kind. Show the working. Be brief.")




def reply(request: tep.Request) -> str:
    if request.role == "critic":
        scores = {criterion.name: 7 for criterion in (*SIX, *ALIGNMENT)} | {"task": 7}
        advice = [{"about": f"the plan {HOSTILE}", "do": "name each step"}]
        return json.dumps({"scores": scores, "suggestions": advice, "content": False})
    if request.role == "editor":
        text = BETTER if "Make a plan" in request.text.partition("Reply")[0] else WORDY
        return json.dumps({"prompt": text, "rationale": f"steps are missing {HOSTILE}", "held_back": []})
    return "4" if "working" in request.text or "kind" not in request.text else "no idea"


async def drive(session: tep.Session) -> None:
    await session.evaluate("validation")
    await session.evaluate("test")
    step = await session.propose()
    plan, answer = step.pending
    await session.assess(plan)
    session.decide(plan.approve("ann"))
    session.decide(answer.reject(f"too wordy {HOSTILE}", "ann"))
    taken = session.suggest("answer", WORDY, "my own words", by="bob")
    session.decide(taken.edit(ANSWER.replace("kind.", "kind. Show the working."), "bob"))
    await session.evaluate("validation")
    other = session.suggest("plan", BETTER + " Really.", "more", by="bob")
    session.decide(other.approve("bob"))
    session.undo(by="bob")
    session.decide(other.skip("bob"))


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("session") / "run.tep"
    graph = tep.Graph(
        [
            tep.Agent("plan", PLAN, role=f"plans {HOSTILE}"),
            tep.Agent("answer", ANSWER, output="reply", expects="a plan"),
            tep.Tool(lambda reply: reply.upper(), name="shout", version=HOSTILE),
        ]
    )
    rows = [{"question": f"{n} and {n} {HOSTILE}?", "target": "4"} for n in range(12)]
    data = tep.Dataset(rows[:4], rows[4:8], rows[8:])
    model = tep.ScriptedModel(reply, name="simulated")
    method = tep.TEP(phases=("free",), minibatch=2)
    with tep.Session.start(path, graph, data, metric="exact_match", objective="Right answers.", model=model, method=method) as s:
        asyncio.run(drive(s))
    return path
