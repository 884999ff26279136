"""A load for Inspect AI, run by a Python that has it: a task of one `generate`, three models side by side."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import inspect_ai
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import generate


def main(task: Path) -> None:
    """Make the calls; the logs go beside the task."""
    load = json.loads(task.read_text())
    asked = [
        get_model(
            f"openai/{name}",
            base_url=load["base"],
            api_key=load["key"],
            responses_api=False,
            config=GenerateConfig(max_connections=width, max_retries=0, **load["params"]),
        )
        for name, width in load["widths"].items()
    ]
    logs = inspect_ai.eval(
        inspect_ai.Task(dataset=[Sample(input=text) for text in load["texts"]], solver=generate()),
        model=asked,
        max_tasks=len(asked),
        max_samples=max(load["widths"].values()),
        display="none",
        log_dir=str(task.parent / "logs"),
    )
    assert all(log.status == "success" for log in logs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
