"""The figures of the model card: agreement with the sets' own labels, as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping

from sklearn.metrics import cohen_kappa_score

from parallax.raters import Decision
from training.sets import OURS, Row, by_value

Decided = Mapping[int, Decision]
HEAD = "| {} | answers | refusal | not complete | three-way |\n| --- | ---: | ---: | ---: | ---: |\n"
LEAST = 30
LONG_NAMES = {"en": "English", "zh": "Chinese", "fi": "Finnish"}


def tables(rows: list[Row], models: list[str], decided: Mapping[str, Decided]) -> str:
    """Return all tables; `decided` by what was new to the model: `both`, `prompts`, `sets`.

    Only the tables by set hold the answers that were written for training.
    """
    of_sets = ["" if row.source == "ordinary" else f"{row.source}, {row.language}" for row in rows]
    theirs = [row.source not in OURS for row in rows]
    languages = [LONG_NAMES.get(row.language, "") * other for row, other in zip(rows, theirs, strict=True)]
    of_models = [model * of_others for model, of_others in zip(models, theirs, strict=True)]
    parts = [
        ("New prompts and new models, by set", "set", of_sets, decided["both"]),
        ("New prompts, by set", "set", of_sets, decided["prompts"]),
        ("New sets", "set", of_sets, decided["sets"]),
        ("New prompts and new models, by language", "language", languages, decided["both"]),
        ("New prompts and new models, by model left out", "model", of_models, decided["both"]),
    ]
    text = [
        f"### {title}\n\n" + HEAD.format(name) + _lines(rows, keys, by) for title, name, keys, by in parts
    ]
    return "\n".join([*text, _by_country(rows, decided["both"]), _ordinary(rows, decided)])


def _lines(rows: list[Row], keys: list[str], decided: Decided) -> str:
    """Return a line for each key; rows without one are left out."""
    found = []
    for key, places in sorted(by_value(keys).items()):
        truth = [rows[at].label for at in places]
        given = [str(decided[at].label) for at in places]
        if not key or len(places) < LEAST:
            continue
        found.append(f"| {key} | {len(places):,} | {' | '.join(kappas(truth, given))} |\n")
    return "".join(found)


def kappas(truth: list[str], given: list[str]) -> tuple[str, str, str]:
    """Return Cohen's κ of refusal against the rest, of not complete against complete, and of all three."""
    return (
        _kappa([one == "refusal" for one in truth], [one == "refusal" for one in given]),
        _kappa([one != "complete" for one in truth], [one != "complete" for one in given]),
        _kappa(truth, given),
    )


def _kappa(truth: list[bool] | list[str], given: list[bool] | list[str]) -> str:
    if len(set(truth)) < 2:
        return "–"
    return f"{cohen_kappa_score(truth, given):.2f}".replace("0.", ".", 1)


def _by_country(rows: list[Row], decided: Decided) -> str:
    """Errors by the country that SpeechMap's matched questions are about: a difference would fake a gap."""
    head = (
        "### Errors by country, SpeechMap's matched questions in English\n\n"
        "| about | complete answers | of them called declined or dodged | others | of them complete |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
    )
    places = [at for at, row in enumerate(rows) if row.about and row.language == "en"]
    found = []
    for about in sorted({rows[at].about for at in places}):
        here = [at for at in places if rows[at].about == about]
        complete = [decided[at].label != "complete" for at in here if rows[at].label == "complete"]
        others = [decided[at].label == "complete" for at in here if rows[at].label != "complete"]
        shares = [f"{len(one)} | {100 * sum(one) / max(len(one), 1):.1f} %" for one in (complete, others)]
        found.append(f"| {about.removesuffix('_criticism')} | {shares[0]} | {shares[1]} |\n")
    return head + "".join(found)


def _ordinary(rows: list[Row], decided: Mapping[str, Decided]) -> str:
    """False alarms on everyday questions, all of whose answers are complete."""
    head = (
        "### False alarms on ordinary questions\n\n"
        "| language | answers | new prompts: declined or dodged | none of them seen: declined or dodged |\n"
        "| --- | ---: | ---: | ---: |\n"
    )
    places = [at for at, row in enumerate(rows) if row.source == "ordinary"]
    found = []
    for language, here in sorted(by_value([rows[at].language for at in places]).items()):
        alarms = [
            sum(decided[new][places[at]].label != "complete" for at in here) for new in ("prompts", "sets")
        ]
        found.append(f"| {LONG_NAMES[language]} | {len(here)} | {alarms[0]} | {alarms[1]} |\n")
    return head + "".join(found)
