"""Labels that came after the answers: a judge's, a person's, an imported rater's.

Labels are appended, never overwritten. Beside them two tables are kept by the same transaction:
`current_labels`, the label in force of each response, and `newest_labels`, what each other rater than the
rules last said of it. A label that was taken back is a row with an empty label.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import duckdb
import pyarrow as pa

from parallax.records import Cell, Label, Labelled, Verdict
from parallax.shards import LABELS, label_table
from parallax.store.connection import Store

CELL = "run, probe, model, sample"
SAME = "t.run = b.run AND t.probe = b.probe AND t.model = b.model AND t.sample = b.sample"
DEFAULT_SET = "rules"


class LabelSet(NamedTuple):
    """A rater that can stand for all: how many of the responses in question it labelled."""

    rater: str
    labelled: int


def add(store: Store, found: Sequence[Labelled]) -> None:
    """Append labels and bring what is in force up to date; what is there already changes nothing.

    Raises `StoreError` where the store cannot be written.
    """
    with store.transaction() as cursor:
        append(cursor, label_table(found))
    store.bump()


def withdraw(store: Store, of: Labelled, at: datetime) -> None:
    """Take a rater's label of one answer back; the label itself stays among those that were given."""
    gone = pa.table(
        {**label_table([of]).to_pydict(), "label": [""], "reason": [""], "labelled_at": [at]}, LABELS
    )
    with store.transaction() as cursor:
        append(cursor, gone)
    store.bump()


def append(cursor: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """Append a table of `shards.LABELS` within a transaction, and refresh what it touches.

    A label that a rater gave before in the very same words is not appended again; a person may come back
    to one.
    """
    cursor.register("label_rows", table)
    cursor.execute(
        f"""
        INSERT INTO labels
        SELECT {CELL}, attempt, label, rater, rater_version, reason, confidence, labelled_at
        FROM (SELECT *, rater_version AS version, labelled_at AS created_at FROM label_rows) new
        ANTI JOIN labels USING ({CELL}, attempt, rater, version, created_at)
        WHERE rater LIKE 'human:%' OR NOT EXISTS (
            FROM labels t WHERE {SAME.replace("b.", "new.")} AND t.attempt = new.attempt
                AND t.rater = new.rater AND t.version = new.version
                AND t.label = new.label AND t.reason = new.reason)
        """
    )
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE touched AS"
        f" SELECT {CELL}, attempt FROM responses SEMI JOIN label_rows USING ({CELL})"
    )
    cursor.unregister("label_rows")
    refresh(cursor)


def refresh(cursor: duckdb.DuckDBPyConnection) -> None:
    """Work out anew what is in force for the responses in the temporary table `touched`."""
    for table, query in (("current_labels", current_of), ("newest_labels", newest_of)):
        cursor.execute(f"DELETE FROM {table} t USING touched b WHERE {SAME}")
        cursor.execute(f"INSERT INTO {table} {query('touched')}")


def newest_of(cells: str) -> str:
    """Return the query for what each rater but the rules last said of the responses in the table `cells`."""
    return f"""
        SELECT {CELL}, rater, label, reason, confidence, created_at
        FROM ({_newest(cells, "l.rater <> 'rules'")}) WHERE label <> ''
        """


def current_of(cells: str) -> str:
    """Return the query for the label in force of each response in the table `cells`.

    A human's label wins over the rules', the rules' over another rater's, the newest among equals.
    """
    return f"""
        SELECT {CELL}, label, rater, reason, confidence
        FROM ({_newest(cells, "true")}) WHERE label <> ''
        QUALIFY row_number() OVER (PARTITION BY {CELL}
            ORDER BY rater LIKE 'human:%' DESC, rater = 'rules' DESC, created_at DESC, rater) = 1
        """


def _newest(cells: str, condition: str) -> str:
    return f"""
        SELECT {CELL}, l.rater, l.label, l.reason, l.confidence, l.created_at
        FROM labels l JOIN {cells} c USING ({CELL}, attempt) WHERE {condition}
        QUALIFY row_number() OVER (
            PARTITION BY {CELL}, l.rater ORDER BY l.created_at DESC, l.version DESC) = 1
        """


def sets(store: Store, runs: Sequence[str]) -> tuple[LabelSet, ...]:
    """Return the raters of the runs' answers, the one that labelled most first, people left out."""
    rows = store.rows(
        """
        SELECT rater, count(*) AS k FROM newest_labels
        WHERE run IN (SELECT unnest(?)) AND rater NOT LIKE 'human:%' GROUP BY rater ORDER BY k DESC, rater
        """,
        [list(runs)],
    )
    (rules,) = store.rows(
        "SELECT count(*) FROM current_labels WHERE run IN (SELECT unnest(?))"
        " AND (rater = 'rules' OR rater LIKE 'human:%')",
        [list(runs)],
    )[0]
    return (LabelSet(DEFAULT_SET, rules), *(LabelSet(*row) for row in rows))


def raters(store: Store, runs: Sequence[str]) -> tuple[str, ...]:
    """Return everybody but the rules who labelled an answer of the runs, people first."""
    rows = store.rows(
        "SELECT DISTINCT rater FROM newest_labels WHERE run IN (SELECT unnest(?))"
        " ORDER BY rater NOT LIKE 'human:%', rater",
        [list(runs)],
    )
    return tuple(name for (name,) in rows)


def of_rater(store: Store, runs: Sequence[str], rater: str) -> list[Labelled]:
    """Return what a rater but the rules last said of the runs' answers in force."""
    rows = store.rows(
        f"""
        SELECT {CELL}, r.attempt, n.label, n.reason, n.confidence, n.created_at
        FROM newest_labels n JOIN responses r USING ({CELL})
        WHERE n.run IN (SELECT unnest(?)) AND n.rater = ? ORDER BY ALL
        """,
        [list(runs), rater],
    )
    return [
        Labelled(run, Cell(probe, model, sample), attempt, Label(Verdict(*verdict), rater, "", at))
        for run, probe, model, sample, attempt, *verdict, at in rows
    ]
