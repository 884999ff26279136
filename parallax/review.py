"""What people are asked to label, and what they said (METRICS §4).

A random sample comes first, drawn before anybody looks, so that raters can be measured against it. After
it come the answers that tell most: those on which raters disagree, then those of least confidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from parallax.errors import ParallaxError
from parallax.records import JUDGED, Cell, Label, Labelled, LabelValue, Verdict
from parallax.store import Selection, Store, labels

VERSION = "1"
_NAME = re.compile(r"[^\W_][\w .'@+-]{0,59}")


class Item(NamedTuple):
    """An answer to be labelled, without a word on whose it is; `drawn` says that chance chose it."""

    run: str
    cell: Cell
    attempt: int
    prompt: str
    response: str
    language: str
    drawn: bool


class Stand(NamedTuple):
    """How far a review is: answers drawn, how many of them somebody labelled, answers labelled in all."""

    drawn: int
    drawn_done: int
    labelled: int


def rater(name: str) -> str:
    """Return the rater that a person's name makes.

    Raises `ParallaxError` for a name that is none: it starts with a letter or a digit and has at most 60
    letters, digits, spaces and the signs . - + @ and apostrophe.
    """
    clean = " ".join(name.split())
    if not _NAME.fullmatch(clean):
        raise ParallaxError(
            f"'{clean[:60]}' is no name; use letters, digits, spaces, dots and hyphens, up to 60"
        )
    return f"human:{clean}"


def draw(store: Store, selection: Selection, size: int, seed: int = 0) -> int:
    """Draw about `size` answers at random for review, and return how many were drawn.

    The draw is stratified by country and model: each stratum gives the same number, at least one, all that
    it has where that is less. `weight` is how many answers of its stratum one stands for. Answers drawn
    before stay drawn; a second draw of the same selection adds those that a larger size asks for.
    """
    where = selection.where()
    strata = "country, model"
    found = store.rows(
        f"""
        WITH pool AS (
            SELECT run, probe, model, sample, country,
                hash(run || chr(0) || probe || chr(0) || model || chr(0) || sample || chr(0) || ?) AS lot,
                count(*) OVER (PARTITION BY {strata}) AS n,
                row_number() OVER (PARTITION BY {strata} ORDER BY lot) AS turn
            FROM comparison WHERE {where.sql} AND label IN (SELECT unnest(?))
        ), share AS (SELECT greatest(1, ? // count(DISTINCT (country, model))) AS k FROM pool)
        SELECT run, probe, model, sample, row_number() OVER (ORDER BY lot) AS place,
            n / least(n, k) AS weight
        FROM pool, share WHERE turn <= k
        """,
        [seed, *where.parameters, list(JUDGED), size],
    )
    name, now = f"{seed}", datetime.now(UTC).replace(tzinfo=None)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM draws WHERE draw = ? AND run IN (SELECT unnest(?))", [name, _runs(found)])
        if found:
            cursor.executemany(
                "INSERT INTO draws VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [[name, *row, now] for row in found]
            )
    store.bump()
    return len(found)


def _runs(found: Sequence[tuple[object, ...]]) -> list[object]:
    return sorted({row[0] for row in found}, key=str)


# the texts, which are most of a store, are read for those few that come next
_QUEUE = """
    WITH mine AS (SELECT run, probe, model, sample FROM newest_labels WHERE rater = ?),
    said AS (
        SELECT run, probe, model, sample, count(DISTINCT label) AS kinds, min(confidence) AS least
        FROM rater_labels WHERE rater NOT LIKE 'human:%' AND label <> 'error'
        GROUP BY run, probe, model, sample
    ),
    next AS (
        SELECT c.run, c.probe, c.model, c.sample, d.place AS turn, coalesce(s.kinds, 1) AS differ,
            coalesce(s.least, c.confidence, 0) AS sure,
            hash(c.run || chr(0) || c.probe || chr(0) || c.model || chr(0) || c.sample) AS lot
        FROM comparison c
        ANTI JOIN mine USING (run, probe, model, sample)
        LEFT JOIN said s USING (run, probe, model, sample)
        LEFT JOIN (SELECT run, probe, model, sample, min(place) AS place FROM draws GROUP BY ALL) d
            USING (run, probe, model, sample)
        WHERE {where} AND c.outcome <> 'error' AND c.response <> ''
        ORDER BY {order} LIMIT ?
    )
    SELECT c.run, c.probe, c.model, c.sample, c.attempt, c.prompt, c.response, c.language,
        n.turn IS NOT NULL
    FROM next n JOIN comparison c USING (run, probe, model, sample) ORDER BY {order}
    """
_ORDER = "turn NULLS LAST, differ DESC, sure, lot"


def queue(store: Store, selection: Selection, name: str, most: int = 20) -> list[Item]:
    """Return what a person is to label next: what chance drew, then where raters disagree or doubt most."""
    where = selection.where()
    rows = store.rows(_QUEUE.format(where=where.sql, order=_ORDER), [rater(name), *where.parameters, most])
    return [Item(run, Cell(probe, model, sample), *rest) for run, probe, model, sample, *rest in rows]


def decide(store: Store, item: Item, value: LabelValue, name: str, note: str = "") -> Labelled:
    """Store a person's label of an answer, and return it for `undo`.

    Raises `ParallaxError` for a name that is none, `StoreError` where the store cannot be written.
    """
    verdict = Verdict(value, " ".join(note.split())[:500])
    given = Labelled(
        item.run, item.cell, item.attempt, Label(verdict, rater(name), VERSION, datetime.now(UTC))
    )
    labels.add(store, [given])
    return given


def undo(store: Store, given: Labelled) -> None:
    """Take a person's label back: the answer is in the queue again."""
    labels.withdraw(store, given, datetime.now(UTC).replace(tzinfo=None))


def stand(store: Store, selection: Selection) -> Stand:
    """Return how far the review of a selection is, by whomever."""
    where = selection.where()
    (found,) = store.rows(
        f"""
        WITH seen AS (
                SELECT DISTINCT run, probe, model, sample FROM newest_labels WHERE rater LIKE 'human:%'),
            drawn AS (SELECT DISTINCT run, probe, model, sample, true AS drawn FROM draws)
        SELECT count(*) FILTER (drawn), count(*) FILTER (drawn AND s.run IS NOT NULL), count(s.run)
        FROM (SELECT run, probe, model, sample FROM comparison WHERE {where.sql}) c
        LEFT JOIN drawn USING (run, probe, model, sample)
        LEFT JOIN seen s USING (run, probe, model, sample)
        """,
        where.parameters,
    )
    return Stand(*found)
