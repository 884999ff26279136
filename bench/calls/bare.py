"""The yardstick: a litellm loop as one writes it. A semaphore, one request a call, every answer kept."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import litellm


async def main(task: dict[str, Any]) -> None:
    """Make the calls of a task, and see that each has an answer."""
    room = asyncio.Semaphore(task["concurrency"])

    async def ask(model: str, prompt: str) -> Any:
        async with room:
            return await litellm.acompletion(
                model=model,
                messages=[{"role": "user", "content": prompt}],
                api_base=task["base"],
                api_key=task["key"],
                num_retries=0,
                max_retries=0,
                timeout=300.0,
                **task["params"],
            )

    answers = await asyncio.gather(*(ask(*call) for call in task["calls"]))
    assert all(answer.choices[0].message.content for answer in answers)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
