"""Real calls through litellm, for tests of what comes back of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from parallax import providers
from parallax.records import ModelSpec, Reply

Ask = Callable[..., Reply]
PROMPT = "Write a short essay about the price of tea."


@contextmanager
def asking() -> Iterator[Ask]:
    """Yield what asks a model once, in one event loop, with connections kept from call to call."""
    with asyncio.Runner() as loop:

        def asked(spec: ModelSpec, prompt: str = PROMPT, **told: Any) -> Reply:
            providers.prepare([spec])
            return loop.run(providers.ask(spec, prompt, **{"timeout_s": 20.0, **told}))

        yield asked
        loop.run(providers.close())
