"""How often the test of a gap finds what is not there, and how often its interval covers the truth.

    python bench/simulations.py [--data-sets 2000] [--out bench/results]

Data sets are drawn without any gap, from the planner's model: a logistic rate with normal effects of the
template (sd 1.0) and of the template for a country (sd 0.7). `p` and the interval are those that Parallax
gives for one country. Writes a row a shape (`simulations.csv`) and a row a data set
(`simulations-raw.csv.gz`), and prints the first as a table; ends with 1 past a limit.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from parallax.stats import Floats  # noqa: E402
from parallax.stats.gap import gap  # noqa: E402
from parallax.stats.permutation import Ints, upper_tail  # noqa: E402
from parallax.stats.planner import INTERACTION_SD, TEMPLATE_SD, centres_of  # noqa: E402

DATA_SETS = 2_000
ALPHA = 0.05
# the share of 2,000 that a true 5 % stays under in 999 of 1,000 cases
MOST_REJECTED = 0.066
LEAST_COVERED = 0.93
OUT = ROOT / "bench" / "results"


@dataclass(frozen=True, slots=True)
class Shape:
    """A study: how many templates, samples and countries, and the rate at which all are declined."""

    templates: int
    samples: int
    countries: int
    base: float


SHAPES = tuple(
    itertools.starmap(Shape, itertools.product((12, 20, 30), (1, 3), (4, 16), (0.01, 0.02, 0.05, 0.10, 0.20)))
)


def drawn(shape: Shape, data_sets: int, seed: int) -> Ints:
    """Return how many samples were declined in studies without a gap: studies × templates × countries."""
    generator = np.random.default_rng(seed)
    size = data_sets, shape.templates, shape.countries
    logits = centres_of(np.array([shape.base]))[0] + INTERACTION_SD * generator.standard_normal(size)
    logits += TEMPLATE_SD * generator.standard_normal((*size[:2], 1))
    return generator.binomial(shape.samples, 1 / (1 + np.exp(-logits)))


def first_p(declined: Ints, samples: int) -> Floats:
    """Return the p of each study's first country: `permutation_p` for all studies at once."""
    histograms = np.stack([(declined == value).mean(axis=2).T for value in range(samples + 1)], axis=1)
    observed = declined[:, :, 0].sum(axis=1)
    p: Floats = upper_tail(histograms, int(observed.max()))[observed, np.arange(len(declined))]
    return p


def simulate(shape: Shape, data_sets: int, seed: int) -> pd.DataFrame:
    """Return a row a data set: the first country's `p`, `gap`, `low` and `high`, and its declined answers."""
    declined = drawn(shape, data_sets, seed)
    answers = np.full_like(declined, shape.samples)
    found = gap(declined, answers, np.ones_like(declined), np.arange(shape.templates))
    return pd.DataFrame(
        {
            **asdict(shape),
            "declined": declined[:, :, 0].sum(axis=1),
            "p": first_p(declined, shape.samples),
            "gap": found.value[:, 0],
            "low": found.low[:, 0],
            "high": found.high[:, 0],
        }
    )


def summary(raw: pd.DataFrame) -> pd.DataFrame:
    """Return a row a shape: how many data sets were rejected at 5 %, and in how many the interval has 0."""
    marked = raw.assign(
        rejected=raw["p"] <= ALPHA,
        covered=(raw["low"] <= 0) & (raw["high"] >= 0),
        width=raw["high"] - raw["low"],
    )
    shapes = marked.groupby(list(Shape.__slots__))
    counted = shapes.agg(
        data_sets=("p", "size"),
        rejected=("rejected", "sum"),
        covered=("covered", "sum"),
        width=("width", "mean"),
    ).reset_index()
    return counted.assign(
        type_i_error=counted["rejected"] / counted["data_sets"],
        coverage=counted["covered"] / counted["data_sets"],
    )


def table(found: pd.DataFrame) -> str:
    """Return the summary as Markdown: type I error and coverage, a row a study, a column a base rate."""
    lines = []
    for name, column in (("type I error", "type_i_error"), ("coverage", "coverage")):
        wide = found.pivot(index=["templates", "samples", "countries"], columns="base", values=column)
        lines.append(
            f"| {name}: templates × samples, countries | " + " | ".join(f"{b:.0%}" for b in wide) + " |"
        )
        lines.append("| --- |" + " ---: |" * wide.shape[1])
        for (templates, samples, countries), row in wide.iterrows():
            cells = " | ".join(f"{value:.3f}" for value in row)
            lines.append(f"| {templates} × {samples}, {countries} | {cells} |")
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Simulate all shapes, write and print what came out; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data-sets", type=int, default=DATA_SETS, help="of each shape")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the results")
    args = parser.parse_args()
    began = time.perf_counter()
    raw = pd.concat(simulate(shape, args.data_sets, seed) for seed, shape in enumerate(SHAPES))
    found = summary(raw)
    args.out.mkdir(parents=True, exist_ok=True)
    found.round(5).to_csv(args.out / "simulations.csv", index=False)
    # no time of day in the file: the same figures are the same bytes
    with (
        (args.out / "simulations-raw.csv.gz").open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, 0) as packed,
    ):
        packed.write(raw.to_csv(index=False, float_format="%.5g").encode())
    print(table(found))
    past = found[(found["type_i_error"] > MOST_REJECTED) | (found["coverage"] < LEAST_COVERED)]
    print(f"{len(raw):,} data sets in {time.perf_counter() - began:.0f} s")
    print("Past its limit:", past.to_string(index=False) if len(past) else "nothing.")
    return int(len(past) > 0)


if __name__ == "__main__":
    sys.exit(main())
