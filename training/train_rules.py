"""Train the offline rater's linear model, and cross-validate the rater as a whole.

    python -m training.train_rules DATA_DIR [--out DIR] [--figures FILE]

DATA_DIR holds `labels/` and `speechmap/`. Writes the weights, and the tables of docs/rater.md. Seeded and
single-threaded: the same data and the same versions of the packages give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from parallax import features, linear, ngrams, raters
from parallax.features import Read
from parallax.linear import LinearModel, Scores, Weights
from training import figures, names, sets
from training.sets import LABELS, Row

LEAST_GROUPS = 4  # a word or n-gram must occur in the answers to that many groups of prompts
PENALTY = 1.0  # scikit-learn's C
ROUNDS = 100
KEPT_SHARE = 0.4  # of SpeechMap's complete answers in English, which outnumber all else
KNOTS = 12
MODEL_FOLDS, PROMPT_FOLDS = 3, 4
UNCALIBRATED = [[0.0, 1.0], [0.0, 1.0]]

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Data:
    """Rows with everything that training looks at; all lists are parallel."""

    rows: list[Row]
    reads: list[Read]
    shapes: sp.csr_matrix
    groups: NDArray[np.int64]
    models: list[str]
    targets: NDArray[np.int64]
    recorded: frozenset[str]
    head: dict[str, object]

    def without_recorded(self, places: Places) -> Places:
        """Return those of these rows whose language has no recorded answers."""
        return places[[self.rows[at].language not in self.recorded for at in places]]


def prepare(folder: Path) -> Data:
    """Read all sets; a target of -1 marks a row that is tested on and never trained on."""
    rows = sets.load(folder)
    head: dict[str, object] = {
        "names": names.spaced(),
        "written": names.written(),
        "languages": [],
        "knots": UNCALIBRATED,
    }
    reader = LinearModel(Weights([], np.zeros(0, np.uint64), np.zeros((0, 2)), np.zeros((0, 2)), head))
    reads = [reader.read(row.prompt, row.text) for row in rows]
    return Data(
        rows,
        reads,
        sp.csr_matrix(np.array([features.shape(read) for read in reads])),
        np.array(sets.prompt_groups(rows)),
        sets.model_groups(rows),
        _targets(rows, reads),
        frozenset(row.language for row in rows if row.source not in sets.OURS),
        head,
    )


def _targets(rows: list[Row], reads: list[Read]) -> NDArray[np.int64]:
    draw, seen, found = np.random.default_rng(0), set(), []
    for row, read in zip(rows, reads, strict=True):
        label = sets.for_training(row, read)
        plentiful = row.source == "speechmap" and row.language == "en" and row.label == "complete"
        dropped = (row.source, row.text) in seen or (plentiful and draw.random() > KEPT_SHARE)
        seen.add((row.source, row.text))
        found.append(-1 if label is None or dropped else LABELS.index(label))
    return np.array(found)


def _common(
    items: Sequence[set[str] | set[int]], train: Places, groups: NDArray[np.int64]
) -> list[int | str]:
    """Return what occurs in the answers to enough groups of prompts."""
    seen: dict[int | str, set[int]] = {}
    for at in train:
        for item in items[at]:
            seen.setdefault(item, set()).add(int(groups[at]))
    return sorted(item for item, found in seen.items() if len(found) >= LEAST_GROUPS)  # type: ignore[type-var]


def fit(data: Data, train: Places) -> Weights:
    """Return the weights that these rows give."""
    train = train[data.targets[train] >= 0]
    words = [{"^", "$", *(word for part in read.words for word in part)} for read in data.reads]
    known = [word for word in map(str, _common(words, train, data.groups)) if not names.is_name(word)]
    vocabulary = ngrams.Vocabulary(known)
    found = [set(vocabulary.keys(vocabulary.numbers(read.words)).tolist()) for read in data.reads]
    keys = _slotted(np.array(_common(found, train, data.groups), dtype=np.uint64))
    column = {key: at for at, key in enumerate(keys.tolist())}
    grams = _grams([found[at] for at in train], column)
    kinds = [(data.rows[at].source, data.rows[at].language) for at in train]
    counts = Counter(kinds)
    weight = np.array([(1000 / counts[kind]) ** 0.5 for kind in kinds])
    # Of what was written each label has a third. Models complete far more: that share is to be learnt
    # from models, and intercepts of their own take it up.
    written = _columns(
        [
            "" if source != "written" else "recorded" if language in data.recorded else language
            for source, language in kinds
        ]
    )
    model = LogisticRegression(C=PENALTY, max_iter=ROUNDS, tol=1e-3)
    columns = sp.hstack([grams, data.shapes[train], written]).tocsr()
    model.fit(columns, data.targets[train], sample_weight=weight)
    relative = (model.coef_[1:] - model.coef_[0]).T[: columns.shape[1] - written.shape[1]]
    intercept = model.intercept_[1:] - model.intercept_[0]
    shape = np.vstack([relative[len(keys) :], intercept])
    head = {**data.head, "languages": sorted({language for _, language in kinds})}
    return Weights(known, keys, relative[: len(keys)], shape, head)


def _columns(values: list[str]) -> sp.csr_matrix:
    """Return a column for each value but '': 1 where it stands, 0 elsewhere."""
    names = sorted({*values} - {""})
    return sp.csr_matrix([[float(value == name) for name in names] for value in values])


def _slotted(keys: ngrams.Keys) -> ngrams.Keys:
    """Return the keys without those whose slot another, smaller one has."""
    return keys[np.sort(np.unique(linear.slots(keys), return_index=True)[1])]


def _grams(found: list[set[int]], column: dict[int, int]) -> sp.csr_matrix:
    known = [sorted(column[key] for key in one if key in column) for one in found]
    values = [linear.height(len(one)) for one in known for _ in one]
    ends = np.cumsum([0, *map(len, known)])
    return sp.csr_matrix((values, [at for one in known for at in one], ends), shape=(len(found), len(column)))


Scored = dict[int, Scores | None]


def weights(data: Data, train: Places) -> list[Weights]:
    """Return the weights for the languages with recorded answers, learnt from these, and for the others.

    The others' are learnt from all rows, for the shape of an answer is much the same everywhere.
    """
    elsewhere = data.without_recorded(train)
    found = [fit(data, np.setdiff1d(train, elsewhere))]
    if len(elsewhere):
        more = fit(data, train)
        names = sorted({*more.head["languages"]} - data.recorded)
        found.append(more._replace(head={**more.head, "languages": names}))
    return found


def scored(data: Data, train: Places, test: Places) -> list[Scores | None]:
    """Return what models of some rows say of others."""
    if not len(data.without_recorded(test)):
        train = np.setdiff1d(train, data.without_recorded(train))
    models = [LinearModel(one) for one in weights(data, train)]
    return [next(filter(None, (model.scores(data.reads[at]) for model in models)), None) for at in test]


def new_prompts_and_models(data: Data) -> Scored:
    """Score each row by a model that saw neither its prompt's group nor its model."""
    prompts, models = data.groups % MODEL_FOLDS, _model_folds(data.models)
    found: Scored = {}
    for prompt in range(MODEL_FOLDS):
        for model in range(MODEL_FOLDS):
            test = np.flatnonzero((prompts == prompt) & (models == model))
            train = np.flatnonzero((prompts != prompt) & (models != model))
            found |= dict(zip(test.tolist(), scored(data, train, test), strict=True))
    return found


def _model_folds(models: list[str]) -> NDArray[np.int64]:
    number = {model: at % MODEL_FOLDS for at, model in enumerate(sorted(set(models)))}
    return np.array([number[model] for model in models])


def new_prompts(data: Data) -> Scored:
    """Score each row by a model that did not see its prompt's group."""
    folds, found = data.groups % PROMPT_FOLDS, {}
    for fold in range(PROMPT_FOLDS):
        test = np.flatnonzero(folds == fold)
        found |= dict(zip(test.tolist(), scored(data, np.flatnonzero(folds != fold), test), strict=True))
    return found


def new_sets(data: Data) -> Scored:
    """Score each row by a model that saw nothing of its set; both SpeechMap files count as one."""
    origin = ["speechmap" if row.about else row.source for row in data.rows]
    found: Scored = {}
    for places in sets.by_value(origin).values():
        rest = np.setdiff1d(np.arange(len(data.rows)), places)
        found |= dict(zip(places, scored(data, rest, np.array(places)), strict=True))
    return found


def decided(data: Data, scores: Scored) -> dict[int, raters.Decision]:
    """Return the label of each scored row, as the rater gives it."""
    reads = data.reads
    return {
        at: raters.by_scores(reads[at], one) if one else raters.by_signs(reads[at])
        for at, one in sorted(scores.items())
    }


def knots(data: Data, decisions: dict[int, raters.Decision]) -> list[list[float]]:
    """Return probabilities of given labels, and how often a label was right at each (isotonic regression)."""
    known = {at: one for at, one in decisions.items() if one.probability is not None}
    given = [one.probability for one in known.values()]
    right = [one.label == data.rows[at].label for at, one in known.items()]
    curve = IsotonicRegression(y_min=0.05, y_max=0.99).fit(given, right)
    at = np.linspace(0, 1, KNOTS)
    return [
        [round(float(x), 3) for x in at],
        [round(float(y), 3) for y in curve.predict(np.clip(at, min(given), max(given)))],
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, cross-validate, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, default=raters.WEIGHTS[0].parent, help="the weights' folder")
    parser.add_argument("--figures", type=Path, help="the tables (default: stdout)")
    parser.add_argument("--weights-only", action="store_true", help="keep the calibration, make no tables")
    args = parser.parse_args(arguments)
    data = prepare(args.data)
    if args.weights_only:
        old = args.out / raters.WEIGHTS[0].name
        data.head["knots"] = Weights.load(old).head["knots"] if old.exists() else UNCALIBRATED
    else:
        both = decided(data, new_prompts_and_models(data))
        data.head["knots"] = knots(data, both)
        rest = {"prompts": decided(data, new_prompts(data)), "sets": decided(data, new_sets(data))}
        text = figures.tables(data.rows, data.models, {"both": both, **rest})
        if args.figures:
            args.figures.write_text(text, encoding="utf-8")
        else:
            print(text)
    for name, found in zip(raters.WEIGHTS, weights(data, np.arange(len(data.rows))), strict=True):
        path = args.out / name.name
        found.write(path)
        print(f"{path}: {path.stat().st_size:,} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
