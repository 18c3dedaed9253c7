"""What the tests' notebooks hold: a session of scripted replies, a workbench, studios."""

SETUP = '''
import asyncio, json
import tep_nb as tep
from tep_nb.core.data import Dataset
from tep_nb.core.graph import Agent, Graph, Tool
from tep_nb.method.tep import TEP
from tep_nb.model.base import Reply, Usage
from tep_nb.notebook.views import graph_view, review_view, studio
from tep_nb.notebook.workbench import Workbench
from tep_nb.session import Session

EVIL = "<img src=x onerror=\\"document.title='owned'\\">"
SLOW, LAST = [0.0], " " + EVIL

def tally(listed: str, scale: int = 1):
    """Adds up the numbers of the list."""
    return len(listed)

def said(request):
    if request.role == "critic":
        names = request.schema["properties"]["scores"]["properties"]
        return json.dumps({"scores": {name: 6 for name in names}, "content": False,
                           "suggestions": [{"about": "the list " + EVIL, "do": "Write one item a line. " + EVIL}]})
    if request.role == "editor":
        return editor(request)
    return "some reply " + EVIL

count = [0]
def editor(request):
    """Adds a sentence to the first line and one to the end of whatever prompt it is shown."""
    count[0] += 1
    for prompt in PROMPTS():
        if prompt in request.text:
            first, _, rest = prompt.partition("\\n")
            return json.dumps({"prompt": f"{first} Write one item a line ({count[0]}).\\n{rest}\\nBe brief{LAST}.",
                               "rationale": "The list was one long line. " + EVIL, "held_back": []})
    return json.dumps({"prompt": None, "rationale": "nothing to do", "held_back": []})

class Scripted:
    """As ScriptedModel, and as slow as the test wants."""
    name = "scripted"
    async def complete(self, request):
        await asyncio.sleep(SLOW[0])
        return Reply(said(request), Usage(10, 5, estimated=True))

GRAPH = Graph([
    Agent("collect", f"List the things.\\nQuestion {EVIL}: {{{{question}}}}", output="listed", role="Lists all " + EVIL),
    Agent("sort_out", "Name the kind.\\n{{question}}", output="sort"),
    Tool(tally),
    Agent("answer", "Sum: {{tally}}\\nKind: {{sort}}\\nAnswer the question."),
], "answer")
bench = Workbench(by="ada")
PROMPTS = lambda: [p.text for p in bench.state.prompts.values()]
rows = [{"question": f"question {n} {EVIL}", "target": str(n)} for n in range(12)]
'''

START = """
session = Session.start("{file}", GRAPH, Dataset(rows[:6], rows[6:10], rows[10:]), metric="exact_match",
                        objective="The right number.", model=Scripted(), method=TEP(seed=0, phases={phases}))
bench.adopt(session)
"""


def start(file: str, phases: tuple[str, ...] = ("free",)) -> str:
    """The cell that begins a session."""
    return START.format(file=file, phases=phases)
