"""The fault server in a process of its own, spoken to through its ``/control``."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self, cast

from faults.log import Entry
from faults.plan import Plan

__all__ = ["Remote"]


class Remote:
    """The server in a process of its own; a context manager. It ends with this process, however that ends.

    Parameters
    ----------
    answer : str
        ``module:function`` that is an Answer, or ``module:function()`` that makes one; ``faults.server:words`` by default.
    plan : Plan
    """

    def __init__(self, answer: str = "faults.server:words", plan: Plan | None = None) -> None:
        tests = str(Path(__file__).parents[1])
        paths = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults", "--answer", answer, "--while-stdin"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError("the server did not start; its own message stands above")
        self.reset(plan or Plan())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._process.communicate()

    def reset(self, plan: Plan) -> None:
        """Begin anew with a plan."""
        self._speak("POST", asdict(plan))

    def log(self) -> list[Entry]:
        """All requests since the last reset."""
        found = self._speak("GET")["log"]
        return [Entry(**{**entry, "ended": float("inf") if entry["ended"] is None else entry["ended"]}) for entry in found]

    def bodies(self) -> dict[str, dict[str, Any]]:
        """Their bodies by digest."""
        return cast("dict[str, dict[str, Any]]", self._speak("GET")["bodies"])

    def _speak(self, method: str, said: Any = None) -> Any:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://").removesuffix("/v1"), timeout=60)
        connection.request(method, "/control", json.dumps(said))
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer
