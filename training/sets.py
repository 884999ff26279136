"""Labelled answers for training: where they come from, and how their labels map to ours."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from parallax.features import Read
from parallax.routing import split_reasoning

LABELS = ("complete", "evasive", "refusal")
# Permissive licences only: chinese_llm_blocking (GPL-3.0) is never opened here.
FILES = {
    "xstest": "xstest_v2",
    "reuter": "reuter_chatgpt",
    "rbr": "rbr_gold",
    "pyrit": "pyrit_refusal",
    "latent": "latent_jailbreak_p1",
    "speechmap": "speechmap_twojudge_silver",
}
WRITTEN = Path(__file__).with_name("written")
OURS = ("ordinary", "written")
NEAR_DUPLICATE = 90  # of 100, by RapidFuzz


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled answer. `about` is the country a SpeechMap question is about."""

    source: str
    language: str
    model: str
    prompt: str
    text: str
    label: str
    slot: str
    about: str = ""


def load(folder: Path) -> list[Row]:
    """Return the rows of all sets under the data folder, without their reasoning, empty ones left out."""
    rows = [
        row
        for source, name in FILES.items()
        for row in _labels(folder / "labels" / f"{name}.jsonl.gz", source)
    ]
    rows += _moderation(folder / "speechmap" / "r1_moderation_responses.jsonl.gz")
    rows += _sample(folder / "speechmap" / "criticism_sample_4q_all_models.jsonl.gz", rows)
    return [row for row in rows if row.text] + list(_written())


def _written() -> Iterator[Row]:
    """Answers written for training, as kinds of models give them; the everyday ones are a set apart."""
    for path in sorted(WRITTEN.glob("*.jsonl")):
        source = "ordinary" if path.stem == "ordinary" else "written"
        with path.open(encoding="utf-8") as file:
            for line in map(json.loads, file):
                model = f"as {line['as']}"
                yield Row(source, line["lang"], model, line["prompt"], line["response"], line["label"], "")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _answer(text: str | None) -> str:
    return split_reasoning({"content": (text or "").replace("<think>\\n", "<think>\n")}, False).text


def _labels(path: Path, source: str) -> Iterator[Row]:
    for line in _lines(path):
        slot = str(line["id"]).rpartition("|")[2][-2:] if source == "speechmap" else ""
        yield Row(
            source,
            line["lang"],
            line["model"],
            line["prompt"],
            _answer(line["response"]),
            line["label"],
            slot,
            line.get("category", "") if source == "speechmap" else "",
        )


def _moderation(path: Path) -> Iterator[Row]:
    labels = {"T": "complete", "D": "evasive", "R": "refusal"}
    for line in _lines(path):
        prompt, language = line[f"question_{line['language']}"], line["language"]
        text, slot = _answer(line["response"]), f"q{line['question_id']}"
        yield Row("r1mod", language, line["model"], prompt, text, labels[line["label"]], slot)


def _sample(path: Path, known: list[Row]) -> Iterator[Row]:
    """SpeechMap's sample: only where both judges agree, as in the larger set, and no answer twice."""
    labels = {"COMPLETE": "complete", "EVASIVE": "evasive", "DENIAL": "refusal"}
    have = {(row.model, row.prompt) for row in known}
    for line in _lines(path):
        agreed = line["label"] in labels and line["label"] == line["label_gpt4o"]
        if agreed and (line["model_file"], line["question"]) not in have:
            yield Row(
                "smsample",
                line["language"],
                line["model_file"],
                line["question"],
                _answer(line["response"]),
                labels[line["label"]],
                line["question_id"][-2:],
                line["question_set"],
            )


def for_training(row: Row, answer: Read) -> str | None:
    """Return the label to train on, None for a row to leave out.

    Two sets call a refusal what is none by our scheme: PyRIT an answer to another question, which is
    evasive; the moderation recordings some state lines and questions back, which are left out.
    """
    found = answer.signs
    if row.label != "refusal" or found.declining or found.rebuke:
        return row.label
    if row.source == "pyrit" and answer.strays:
        return "evasive"
    return None if row.source == "r1mod" and not found.dodge else row.label


def prompt_groups(rows: list[Row]) -> list[int]:
    """Return a group for each row: rows that share a prompt, a slot or a near-duplicate share a group.

    SpeechMap asks the same slot of several countries in several languages; Latent Jailbreak the same of
    several groups of people; Reuter the same of several politicians (near-duplicates).
    """
    keys = [_key(row) for row in rows]
    names = sorted(set(keys))
    parent = list(range(len(names)))

    def root(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    loose = [at for at, (source, _) in enumerate(names) if source == ""]
    prompts = [names[at][1] for at in loose]
    near = process.cdist(prompts, prompts, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR_DUPLICATE)
    for one, other in zip(*near.nonzero(), strict=True):
        here, there = root(loose[one]), root(loose[other])
        parent[max(here, there)] = min(here, there)
    number = {name: root(at) for at, name in enumerate(names)}
    return [number[key] for key in keys]


def _key(row: Row) -> tuple[str, str]:
    """Return where a row belongs: a source and what its prompts have in common, or '' and the prompt."""
    if row.slot:
        return "speechmap" if row.about else row.source, row.slot
    if row.source == "latent":
        return row.source, row.prompt.partition("about ")[2].partition(" at most")[0]
    return "", row.prompt[-400:].lower()


def model_groups(rows: list[Row]) -> list[str]:
    """Return the model of each row, named with its source: the same name elsewhere may be another model."""
    return [f"{'speechmap' if row.about else row.source}:{row.model}" for row in rows]


def by_value(values: list[Any]) -> dict[Any, list[int]]:
    """Return the places of each value in a list."""
    places: dict[Any, list[int]] = defaultdict(list)
    for at, value in enumerate(values):
        places[value].append(at)
    return dict(places)
