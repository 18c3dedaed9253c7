"""What only a real kernel shows: failures and stops across cells, interrupts, restarts."""

import queue

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from real_shell import environment

WAIT = 60
SETUP = [
    "%load_ext tep_nb",
    "rows = [{'question': f'q{n}', 'target': '1'} for n in range(12)]",
    "import threading\nbegun, go = threading.Event(), threading.Event()",
    "def slow(messages):\n    begun.set()\n    assert go.wait(60)\n    return '1'",
    "def broken(messages):\n    raise ValueError('the server is down')",
    "%tep data rows",
    "%tep metric exact_match",
    "%tep method TEP phases=free",
    "%%tep_agent answer\nAnswer {{question}}",
]


class Kernel:
    """A bare kernel and its client."""

    def __init__(self, folder):
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environment())

    def send(self, cell):
        return self.client.execute(cell)

    def answer(self, request):
        """Reply and everything printed by the cell."""
        while (reply := self.client.get_shell_msg(timeout=WAIT))["parent_header"]["msg_id"] != request:
            pass
        shown = []
        while True:
            message = self.client.get_iopub_msg(timeout=WAIT)
            content, kind = message["content"], message["header"]["msg_type"]
            if message["parent_header"].get("msg_id") == request:
                if kind == "status" and content["execution_state"] == "idle":
                    break
                shown.append(content.get("text", "") or content.get("data", {}).get("text/plain", ""))
        return reply["content"], "\n".join(shown)

    def run(self, *cells):
        for cell in cells:
            content, shown = self.answer(self.send(cell))
            assert content["status"] == "ok", (cell, content)
        return shown

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path):
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.close()


def test_run_all_stops_at_the_cell_after_a_failed_step(tmp_path):
    """A step in the background does not fail unseen: the notebook stops at the next command, with one line."""
    cells = [*SETUP, "%tep model broken", "%tep start run.tep", "%tep step", "%tep pending"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, timeout=WAIT, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    with pytest.raises(CellExecutionError, match="the server is down"):
        client.execute(env=environment())
    line = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert line.startswith("UsageError: step: ")
    assert line.count("\n") == 1
    assert "step failed" in str(notebook.cells[-2].outputs)


def test_an_interrupt_ends_the_waiting_and_stop_ends_the_step(kernel):
    """Kernel > Interrupt reaches the cell, not the session's thread; a plain cell runs meanwhile."""
    kernel.run(*SETUP, "%tep model slow", "%tep start run.tep", "%tep step", "assert begun.wait(60)")
    assert "step is running" in kernel.run("%tep status")
    request = kernel.send("%tep wait")
    with pytest.raises(queue.Empty):  # it waits: there is no reply yet
        kernel.client.get_shell_msg(timeout=0.5)
    kernel.manager.interrupt_kernel()
    content, _ = kernel.answer(request)
    assert content["ename"] == "UsageError"
    assert "the command goes on" in content["evalue"]
    assert "step is running" in kernel.run("%tep status")
    assert "stopped step" in kernel.run("%tep stop")
    kernel.run("go.set()", "%tep step", "%tep wait")
    assert "step 1" in kernel.run("%tep history")


def test_a_click_during_a_blocking_cell_is_queued_and_answered(kernel):
    """What widgets send through the workbench waits its turn on the session's thread, whatever the cell does."""
    kernel.run(*SETUP, "%tep model slow", "%tep start run.tep")
    kernel.run("bench = get_ipython().magics_manager.registry['TepMagics'].bench")
    kernel.run("ticket = bench.command('step')\nassert begun.wait(60)")
    kernel.run("other = bench.command('freeze', prompt='answer')\ngo.set()\nother.result(60).graph['answer'].frozen")
    assert "True" in kernel.run("ticket.done() and bench.loop.idle")


def test_after_a_restart_the_file_is_free_and_the_session_goes_on(kernel, tmp_path):
    """The lock ends with the process; cells are drafts again, resume takes the file up."""
    cells = [*SETUP, "%tep model simulated"]
    kernel.run(*cells, "%tep start run.tep", "%tep step", "%tep wait")
    kernel.close()
    again = Kernel(tmp_path)
    try:
        again.run(*cells)
        content, _ = again.answer(again.send("%tep start run.tep"))
        assert content["ename"] == "UsageError"
        assert "--again" in content["evalue"]
        assert "step 1" in again.run("%tep resume run.tep")
    finally:
        again.close()
