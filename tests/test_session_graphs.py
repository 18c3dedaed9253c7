"""Whole sessions on random graphs: guards, shared prompts, several outputs, tools, frozen and hot agents."""

from __future__ import annotations

import json
from typing import Any

import pytest
import scripts
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts import asked, begin, calls, data, events, fenced, model, prompts, run, seeded

import tep_nb as tep
from tep_nb.core.state import replay

METHOD = tep.TEP(seed=2, minibatch=3, free_cap=3, nudged_cap=2, gate_rows=5)


def actor(request: tep.Request) -> str:
    """As in the scripted world; several outputs are one object."""
    said = scripts.actor(request)
    return said if request.schema is None else json.dumps(dict.fromkeys(request.schema["required"], said))


def tool(name: str, reads: list[str]) -> tep.Tool:
    made: dict[str, Any] = {}
    exec(f"def {name}({', '.join(reads)}):\n    return ' '.join(str(x) for x in ({', '.join(reads)},))", made)
    return tep.Tool(made[name], version="1")


@st.composite
def graphs(draw: Any) -> tep.Graph:
    fields, nodes = ["question"], []
    for i in range(draw(st.integers(1, 6))):
        reads = draw(st.lists(st.sampled_from(fields), min_size=1, max_size=2, unique=True))
        kind = draw(st.sampled_from(["agent", "agent", "agent", "tool", "shared", "several"])) if i else "agent"
        if kind == "tool":
            nodes.append(tool(f"t{i}", reads))
            fields.append(f"t{i}")
            continue
        guard = draw(st.sampled_from([None, None, f"{reads[0]}=It is 1103", f"{reads[0]}.ok=null", f"{reads[0]}.ok=1"]))
        more: dict[str, Any] = {
            "when": guard,
            "temperature": draw(st.sampled_from([0, 0, 0.4])),
            "frozen": draw(st.integers(0, 5)) == 5,
        }
        outputs = (f"n{i}",)
        if kind == "shared":
            more |= {"prompt_name": "shared", "inputs": {"x": reads[0]}, "frozen": False}
            text = "Pass number 0 on.\n{{x}}"
        else:
            text = f"Pass number {i + 1} on.\n" + " ".join(f"{{{{{name}}}}}" for name in reads)
        if kind == "several":
            outputs = (f"n{i}", f"m{i}")
        elif guard is not None and draw(st.booleans()):
            more["otherwise"] = draw(st.sampled_from(fields))
        nodes.append(tep.Agent(f"n{i}", text, output=outputs, **more))
        fields += outputs
    return tep.Graph(draw(st.permutations(nodes)), fields[-1])


@settings(max_examples=25)
@given(graph=graphs())
def test_whole_sessions(graph: tep.Graph, tmp_path_factory: pytest.TempPathFactory) -> None:
    """To the end with seeded decisions: replay gives the state, --again makes no call, frozen prompts and tools stay."""
    path = tmp_path_factory.mktemp("graph") / "r.tep"
    of = model(actor)
    with begin(path, graph=graph, data=data(5, 6, 2), method=METHOD, metric="last_integer", model=of) as session:
        run(session.run(seeded))
        run(session.evaluate("test"))
        assert session.state.phase == "done"
        body = json.dumps(session.state.body(), sort_keys=True)
        assert json.dumps(replay(events(session)).body(), sort_keys=True) == body
        assert all(outcome == "ok" for _, outcome in calls(session))
        assert session.state.graph.tools == graph.tools
        for agent in graph.agents:
            if agent.frozen:
                assert prompts(session)[agent.prompt_name] == agent.prompt.text
                assert not any(fenced(text, "prompt") == [agent.prompt.text] for text in asked(of, "critic"))
    keys = [request.key("scripted") for request in of.requests]
    assert len(keys) == len(set(keys))
    of.requests.clear()
    with begin(path, graph=graph, data=data(5, 6, 2), method=METHOD, metric="last_integer", model=of, again=True) as session:
        run(session.run(seeded))
        run(session.evaluate("test"))
        assert json.dumps(session.state.body(), sort_keys=True) == body
    assert of.requests == []
    with scripts.again(path, model=of, metric=None, tools=graph.tools) as session:
        assert json.dumps(session.state.body(), sort_keys=True) == body
