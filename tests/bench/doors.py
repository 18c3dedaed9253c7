"""What the benchmarks share: the whole door and the bare SDK, opened in one place each, and the same requests for both."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import openai

import tep_nb as tep
from tep_nb.core import events as ev
from tep_nb.journal import Journal
from tep_nb.model.base import Message, Models, Request
from tep_nb.model.runtime import Runtime, Where
from tep_nb.model.throttle import Throttles

__all__ = ["TIMEOUT", "Cost", "Create", "asked", "bare", "body", "door", "measured", "spread"]

Create = Callable[[dict[str, Any]], Awaitable[Any]]
TIMEOUT = 120.0
PROMPT = "Work out how many things of the kind asked for there are. Write each amount in digits, one line for each item."


def asked(n: int, first: int = 0, model: str = "words") -> list[Request]:
    """Requests of about 100 tokens, no two alike."""
    questions = [row["question"] for row in tep.task.object_counting.generate(50, seed=0)]
    texts = (f"{PROMPT}\n\nQuestion {i}: {questions[i % 50]}" for i in range(first, first + n))
    return [Request((Message.of("user", text),), temperature=0.5, seed=7) for text in texts]


def body(request: Request, model: str = "words") -> dict[str, Any]:
    """The body that `OpenAIModel` sends for it."""
    messages = [{"role": message.role, "content": message.text} for message in request.messages]
    return {"model": model, "messages": messages, "temperature": request.temperature, "seed": request.seed}


@asynccontextmanager
async def door(
    url: str, path: Path, concurrency: int, model: str = "words"
) -> AsyncIterator[Callable[[Request], Awaitable[Any]]]:
    """The whole door: a new journal on disk, OpenAIModel, and Runtime as a verb opens it."""
    journal = Journal.create(path, ev.Failed(error="a benchmark has no session"))
    try:
        models = Models(tep.OpenAIModel(model, base_url=url, timeout=TIMEOUT))
        async with Runtime(journal, models, {}, budget=tep.Budget(), throttles=Throttles(concurrency)) as runtime:

            async def ask(request: Request) -> Any:
                return await runtime.ask(request, Where("forward", "node", 0))

            yield ask
    finally:
        journal.close()


@asynccontextmanager
async def bare(url: str, concurrency: int) -> AsyncIterator[Create]:
    """The SDK alone behind a semaphore, with the client settings of `OpenAIModel`."""
    client = openai.AsyncOpenAI(api_key="none", base_url=url, timeout=TIMEOUT, max_retries=0)
    limit = asyncio.Semaphore(concurrency)
    create: Any = client.chat.completions.create

    async def call(given: dict[str, Any]) -> Any:
        async with limit:
            return await create(**given)

    try:
        yield call
    finally:
        await client.close()


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor seconds."""

    wall: float
    processor: float


async def measured(work: Iterable[Awaitable[Any]]) -> Cost:
    """What it costs to have all of it done side by side."""
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*work)
    return Cost(time.perf_counter() - wall, time.process_time() - processor)


def spread(values: Iterable[float], shape: str = ".2f") -> str:
    """Median and range."""
    found = sorted(values)
    return f"{median(found):{shape}} ({found[0]:{shape}}-{found[-1]:{shape}})"
