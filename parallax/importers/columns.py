"""Which column of a table means what: guessed from its name, changed by a person, kept for the next time."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from parallax.errors import RowError
from parallax.records import content_hash
from parallax.spool import write_atomically, writing

# our own name of a field first, then what others call it, the surest first
FIELDS: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "question", "query", "instruction", "user_prompt", "request", "input"),
    "response": (
        *("response", "answer", "completion", "response_text", "model_response", "reply", "generation"),
        *("output", "text"),
    ),
    "model": ("model", "model_name", "model_id", "llm", "assistant"),
    "country": ("country", "country_code", "nation", "target", "target_country"),
    "topic": ("topic", "theme", "domain", "subject"),
    "language": ("language", "lang", "locale"),
    "template": ("template", "template_id", "slot"),
    "label": ("label", "verdict", "compliance", "classification", "class", "annotation", "rating"),
    "rater": ("rater", "judge_model", "judge", "annotator", "labeler", "coder"),
    "reason": ("reason", "judge_analysis", "rationale", "explanation"),
    "set": ("set", "probe_set", "question_set", "dataset"),
    "probe": ("probe", "probe_id", "prompt_id", "question_id", "qid"),
    "kind": ("kind",),
    "stance": ("stance",),
    "sample": ("sample", "repeat", "replicate", "trial"),
    "attempt": ("attempt",),
    "run": ("run", "run_id"),
    "reasoning": ("reasoning", "reasoning_content", "thinking"),
    "outcome": ("outcome",),
    "block": ("block",),
    "finish_reason": ("finish_reason", "stop_reason"),
    "error": ("error", "api_error"),
    "http_status": ("http_status", "status_code"),
    "served_model": ("served_model", "api_model"),
    "served_by": ("served_by", "provider", "api_provider", "upstream_provider", "host"),
    "latency_s": ("latency_s", "latency"),
    "prompt_tokens": ("prompt_tokens", "input_tokens"),
    "completion_tokens": ("completion_tokens", "output_tokens"),
    "cost_usd": ("cost_usd", "cost"),
    "created_at": ("created_at", "timestamp", "time", "date", "created"),
}
NEEDED = ("prompt", "response")
# the columns by which a `long` export of ours is known
OWN = frozenset(
    {"run", "set", "probe", "model", "sample", "prompt", "response", "label", "rater", "outcome", "attempt"}
)


def guess(columns: Collection[str]) -> dict[str, str]:
    """Return which column stands for which field, by their names; a column stands for one field at most."""
    plain = {_plain(column): column for column in reversed(list(columns))}
    found: dict[str, str] = {}
    for field, names in FIELDS.items():
        column = next((plain[name] for name in names if name in plain), None)
        if column is not None and column not in found.values():
            found[field] = column
    return found


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.strip().lower()).strip("_")


def parse(text: str) -> dict[str, str]:
    """Return the mapping that `prompt=question,response=answer` writes down; an empty column takes one away.

    A JSON object says the same of columns with a comma in their name. Raises `RowError` where a part has no
    `=`, or names a field that there is not.
    """
    if text.lstrip().startswith("{"):
        return _of_json(text)
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        field, equals, column = part.partition("=")
        if not equals or field.strip() not in FIELDS:
            raise RowError(f"--map: '{part}' is no FIELD=COLUMN; the fields are {', '.join(FIELDS)}")
        found[field.strip()] = column.strip()
    return found


def _of_json(text: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise RowError(f"--map: no JSON ({error})") from None
    if strange := next((name for name in given if name not in FIELDS), None):
        raise RowError(f"--map: no field '{strange}'; the fields are {', '.join(FIELDS)}")
    return {name: str(column) for name, column in given.items()}


def mapped(columns: Collection[str], *changes: Mapping[str, str]) -> dict[str, str]:
    """Return the guessed mapping with changes, the last one winning.

    Raises `RowError` for a column that there is not, and where none is left for prompt or response.
    """
    found = guess(columns)
    for change in changes:
        taken = {column for column in change.values() if column}
        found = {field: column for field, column in found.items() if column not in taken} | dict(change)
    found = {field: column for field, column in found.items() if column}
    if missing := next((column for column in found.values() if column not in columns), None):
        raise RowError(f"no column '{missing}'; the columns are {_listed(columns)}")
    if open_ := next((field for field in NEEDED if field not in found), None):
        raise RowError(
            f"no column is known for the {open_}; name one with --map {open_}=COLUMN of {_listed(columns)}"
        )
    return found


def _listed(columns: Iterable[str]) -> str:
    listed = list(columns)
    return ", ".join(listed[:40]) + (" …" if listed[40:] else "")


def saved(path: Path, columns: Collection[str]) -> dict[str, str]:
    """Return how a table of these columns was mapped the last time; nothing where it never was."""
    return {str(field): str(column) for field, column in _all(path).get(_key(columns), {}).items()}


def save(path: Path, columns: Collection[str], mapping: Mapping[str, str]) -> None:
    """Keep how a table of these columns is mapped. Raises `SpoolError` where it cannot be written."""
    # a field that was guessed and taken away has to stay away
    whole = {**dict.fromkeys(guess(columns), ""), **mapping}
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    kept = {**_all(path), _key(columns): whole}
    write_atomically(path, json.dumps(kept, indent=1, ensure_ascii=False).encode())


def _all(path: Path) -> dict[str, dict[str, str]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _key(columns: Collection[str]) -> str:
    return content_hash(sorted(columns))[:16]
