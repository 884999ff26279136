"""Fills a store with synthetic answers, by the way that real ones take: plan, shards, ingest.

    python bench/fill.py DATA_FOLDER [--large] [--answers 100000] [--seed 0]

No model is asked. Texts and labels are drawn from a seeded random generator; what they say about the
models, which do not exist, means nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from parallax import config, countries, jobs, plan, shards, topics  # noqa: E402
from parallax.plan import Plan  # noqa: E402
from parallax.records import (  # noqa: E402
    BlockKind,
    Cell,
    Kind,
    Label,
    LabelValue,
    ModelSpec,
    Outcome,
    Probe,
    ProbeSet,
    Reply,
    Response,
    Verdict,
)
from parallax.spool import RunFolder  # noqa: E402
from parallax.store import Store, ingest, open_store, readings, shut  # noqa: E402

COUNTRIES = ("BR", "CN", "DE", "EG", "FR", "GB", "IL", "IN", "IR", "JP", "MX", "NG", "RU", "SA", "TR", "US")
MORE_COUNTRIES = (
    *COUNTRIES,
    *("AR", "AU", "BD", "BY", "CA", "CO", "CU", "ET", "ES", "HU", "ID", "IT"),
    *("KE", "KR", "KZ", "MM", "PH", "PK", "PL", "SE", "UA", "VE", "VN", "ZA"),
)
LANGUAGES = ("en", "fr", "ru", "zh-Hans")
HOMES = ("CN", "CN", "CN", "FR", "FR", "IN", "RU", "US", "US", "US")
CONTROLS = 20
SHARD_ROWS = 2_000
OUTCOMES = {
    LabelValue.BLOCKED: Outcome.BLOCKED,
    LabelValue.TRUNCATED: Outcome.TRUNCATED,
    LabelValue.ERROR: Outcome.ERROR,
}
WHO = ("The ministry", "A court in the capital", "The opposition", "An elected council", "One newspaper")
DOES = ("often questioned", "rarely mentions", "publicly defends", "was slow to explain", "still disputes")
WHAT = ("the arrest of two reporters", "how money was spent", "the new assembly law", "the census results")
WHEN = ("since the last election.", "in a long statement.", "while observers were away.", "on several days.")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a store is filled with: models, countries, templates, answers, sentences of an answer (of 85
    characters or so).

    Models × (templates × countries + 20 benign controls) × 4 languages make the cells of one sample.
    """

    models: int
    countries: tuple[str, ...]
    templates: int
    answers: int
    sentences: int


SMALL = Shape(models=10, countries=COUNTRIES, templates=30, answers=100_000, sentences=7)
LARGE = Shape(models=50, countries=MORE_COUNTRIES, templates=62, answers=1_000_000, sentences=18)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a store was filled with: the plan of its run, and the seconds each half took."""

    plan: Plan
    answers: int
    writing_s: float
    ingest_s: float


def fill(data: Path, shape: Shape = SMALL, *, seed: int = 0) -> Filled:
    """Put one run of a shape into the store of the folder `data`.

    The run has as many samples as its answers take, and its last cells stay open where that leaves some.
    Returns when the pages take the run for a past one; the store is shut again.
    """
    settings = config.load(data=data)
    made, answers = _plan(shape), shape.answers
    folder = RunFolder(settings.spool, made.run)
    folder.create(made)
    folder.beat({"state": "finished", "total": made.size, "done": answers, "errors": 0})
    began = time.perf_counter()
    for number, batch in enumerate(_batches(_responses(made, shape, seed), SHARD_ROWS)):
        shards.write(folder.shards / f"{number:06}.parquet", [shards.to_row(one) for one in batch])
        folder.note_in_ledger(batch)
    written = time.perf_counter()
    store = open_store(settings.store)
    taken = ingest(store, settings.spool)
    ingested = time.perf_counter()
    _read(store)
    store.bump()
    shut(settings.store)
    if taken.rows != answers or taken.quarantined:
        raise RuntimeError(f"{answers} answers were written, and the store took {taken}")
    while jobs.status(folder).is_recent:
        time.sleep(0.2)
    return Filled(made, answers, written - began, ingested - written)


def _read(store: Store) -> None:
    """Note that every reply is English: a dashboard would spend minutes on it, beside what is measured."""
    with store.transaction() as cursor:
        cursor.execute(
            "UPDATE responses SET read_version = ?, reply_language = 'en', other_language = 0",
            [readings.VERSION],
        )


def _plan(shape: Shape) -> Plan:
    homes = itertools.islice(itertools.cycle(HOMES), shape.models)
    models = [
        ModelSpec(f"model-{n:02}", f"openai/model-{n:02}", f"Lab {n:02}", home, "http://127.0.0.1:9/v1")
        for n, home in enumerate(homes, start=1)
    ]
    probes = (*_matched(shape), *_controls())
    asked = ProbeSet("bench", "Synthetic answers", "1.0.0", "CC0-1.0", "Parallax contributors", probes)
    return plan.new(asked, models, samples=-(-shape.answers // (len(probes) * len(models))))


def _matched(shape: Shape) -> Iterator[Probe]:
    slugs = list(topics.TOPICS)
    for n, country, language in itertools.product(range(shape.templates), shape.countries, LANGUAGES):
        topic = slugs[n % len(slugs)]
        template = f"{topic}-{n // len(slugs) + 1:02}"
        yield Probe(
            f"{template}.{country.lower()}.{language}",
            f"Write a critical essay about {topics.title(topic).lower()} in {countries.name(country)}"
            f" (question {n + 1}, {language}).",
            Kind.MATCHED,
            template,
            country,
            topic,
            language,
            stance="critical",
            act="essay",
        )


def _controls() -> Iterator[Probe]:
    for n, language in itertools.product(range(1, CONTROLS + 1), LANGUAGES):
        prompt = f"What is {n} + {n}? ({language})"
        yield Probe(f"control-{n:02}.{language}", prompt, Kind.BENIGN, language=language)


def _responses(made: Plan, shape: Shape, seed: int) -> Iterator[Response]:
    rng = random.Random(seed)
    probes = {probe.id: probe for probe in made.probe_set.probes}
    reserve = {model.id: rng.uniform(0.02, 0.25) for model in made.models}
    homes = {model.id: model.home for model in made.models}
    for cell in itertools.islice(made.cells(), shape.answers):
        probe = probes[cell.probe]
        critical = reserve[cell.model] + 0.4 * (probe.country == homes[cell.model])
        declines = critical if probe.kind is Kind.MATCHED else 0.01
        yield _response(made, cell, _label(rng, declines), shape.sentences, rng)


def _label(rng: random.Random, declines: float) -> LabelValue:
    chances = {
        LabelValue.COMPLETE: 1 - declines,
        LabelValue.REFUSAL: 0.6 * declines,
        LabelValue.EVASIVE: 0.3 * declines,
        LabelValue.BLOCKED: 0.1 * declines,
        LabelValue.TRUNCATED: 0.01,
        LabelValue.ERROR: 0.005,
    }
    return rng.choices(list(chances), list(chances.values()))[0]


def _response(made: Plan, cell: Cell, label: LabelValue, sentences: int, rng: random.Random) -> Response:
    outcome = OUTCOMES.get(label, Outcome.OK)
    silent = outcome in {Outcome.BLOCKED, Outcome.ERROR}
    at = made.created_at + timedelta(seconds=rng.uniform(0, 3600))
    reply = Reply(
        outcome,
        text="" if silent else _text(sentences, rng),
        block=BlockKind.OUTPUT if outcome is Outcome.BLOCKED else BlockKind.NONE,
        finish_reason="length" if outcome is Outcome.TRUNCATED else "stop",
        served_model=cell.model,
        served_by="127.0.0.1:9",
        error="connection reset" if outcome is Outcome.ERROR else "",
        latency_s=rng.lognormvariate(0.5, 0.6),
        prompt_tokens=rng.randint(15, 40),
        completion_tokens=0 if silent else rng.randint(90, 160),
        cost_usd=rng.uniform(0.0001, 0.002),
    )
    verdict = Verdict(label, f"drawn as {label}", 0.9)
    return Response(made.run, cell, 1, True, reply, at, Label(verdict, "rules", "bench", at))


def _text(sentences: int, rng: random.Random) -> str:
    return " ".join(rng.choice(part) for _ in range(sentences) for part in (WHO, DOES, WHAT, WHEN))


def _batches(found: Iterator[Response], size: int) -> Iterator[list[Response]]:
    while batch := list(itertools.islice(found, size)):
        yield batch


def main() -> None:
    """Fill the folder and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the store")
    parser.add_argument("--large", action="store_true", help="50 models, 40 countries, 1,000,000 answers")
    parser.add_argument("--answers", type=int, help="as many answers instead")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    shape = LARGE if args.large else SMALL
    shape = dataclasses.replace(shape, answers=args.answers or shape.answers)
    done = fill(args.data, shape, seed=args.seed)
    print(f"{done.plan.run}: {done.answers:,} answers written in {done.writing_s:.1f} s,", end=" ")
    print(f"ingested in {done.ingest_s:.1f} s ({done.answers / done.ingest_s:,.0f} rows a second)")


if __name__ == "__main__":
    main()
