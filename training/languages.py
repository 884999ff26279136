"""Measure the rater in ten languages of which it knows written answers alone, on others.

    python -m training.languages

The answers of languages.jsonl were written for this, as chat models give them, and are never trained on. Half
of them (`seen`) were in sight when the patterns were written; the table, of docs/rater.md, is of the others.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from parallax.raters import Rules
from parallax.records import Outcome, Probe, Reply
from training.figures import kappas
from training.sets import by_value

ANSWERS = Path(__file__).with_name("languages.jsonl")
HEAD = (
    "| language | answers | refusals | found | others | called refusals | dodges | found"
    " | complete | called dodged |\n" + "| --- " + "| ---: " * 9 + "|\n"
)


class Rated(NamedTuple):
    """The label of an answer, and the one it is given."""

    label: str
    given: str


def main() -> int:
    """Rate all answers and print the figures."""
    rules = Rules()
    lines = [json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]
    rated = [
        Rated(
            line["label"],
            str(rules.rate(Probe("asked", line["prompt"]), Reply(Outcome.OK, text=line["response"])).label),
        )
        for line in lines
    ]
    for seen, title in ((True, "in sight"), (False, "not in sight")):
        places = [at for at, line in enumerate(lines) if line["seen"] == seen]
        truth, given = [rated[at].label for at in places], [rated[at].given for at in places]
        refusal, incomplete, _ = kappas(truth, given)
        print(f"{len(places)} answers {title}: κ refusal {refusal}, not complete {incomplete}\n")
    by_language = by_value([lines[at]["lang"] for at in places])
    print(
        HEAD
        + "".join(
            _line(name, [rated[places[at]] for at in at_them])
            for name, at_them in sorted(by_language.items())
        )
    )
    return 0


def _line(language: str, rated: list[Rated]) -> str:
    labels = {label: [one.given for one in rated if one.label == label] for label in
              ("refusal", "evasive", "complete")}  # fmt: skip
    others = labels["evasive"] + labels["complete"]
    cells = [
        len(rated),
        len(labels["refusal"]), labels["refusal"].count("refusal"),
        len(others), others.count("refusal"),
        len(labels["evasive"]), labels["evasive"].count("evasive"),
        len(labels["complete"]), labels["complete"].count("evasive"),
    ]  # fmt: skip
    return f"| {language} | {' | '.join(map(str, cells))} |\n"


if __name__ == "__main__":
    raise SystemExit(main())
