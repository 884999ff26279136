"""The schema's history: an ordered, append-only list of steps. Never change one that has shipped."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

Migration = Callable[[duckdb.DuckDBPyConnection], None]

_CELL = "run VARCHAR NOT NULL, probe VARCHAR NOT NULL, model VARCHAR NOT NULL, sample INTEGER NOT NULL"


_COMPARISON = """
    CREATE OR REPLACE VIEW comparison AS
    SELECT r.run, s.id AS "set", r.probe, p.template, p.kind, p.country, p.topic, p.language, r.model,
        r.sample, p.prompt, r.text AS response, r.reasoning, l.label, l.rater, l.reason, r.outcome,
        r.finish_reason, r.served_model, r.served_by, r.latency_s, r.prompt_tokens,
        r.completion_tokens, r.cost_usd, r.created_at, p.theme, p.stance, p.act, p.place,
        s.version AS set_version, s.set_hash, m.developer, m.home, r.block, r.error, r.attempt,
        l.confidence
    FROM responses r
    JOIN runs ON runs.run = r.run
    JOIN probe_sets s ON s.set_hash = runs.set_hash
    JOIN probes p ON p.set_hash = runs.set_hash AND p.probe = r.probe
    JOIN run_models rm ON rm.run = r.run AND rm.model = r.model
    JOIN models m ON m.model_hash = rm.model_hash
    LEFT JOIN current_labels l
        ON l.run = r.run AND l.probe = r.probe AND l.model = r.model AND l.sample = r.sample
"""


def first_tables(db: duckdb.DuckDBPyConnection) -> None:
    """The tables that ARCHITECTURE names, and which model a run meant by an id."""
    db.execute(
        f"""
        CREATE TABLE probe_sets (set_hash VARCHAR PRIMARY KEY, id VARCHAR, title VARCHAR, version VARCHAR,
            license VARCHAR, author VARCHAR, probes INTEGER, added_at TIMESTAMP);
        CREATE TABLE probes (set_hash VARCHAR NOT NULL, probe VARCHAR NOT NULL, place INTEGER,
            template VARCHAR, kind VARCHAR, country VARCHAR, topic VARCHAR, theme VARCHAR,
            language VARCHAR, stance VARCHAR, act VARCHAR, prompt VARCHAR, meta JSON,
            PRIMARY KEY (set_hash, probe));
        CREATE TABLE models (model_hash VARCHAR PRIMARY KEY, id VARCHAR, litellm VARCHAR, developer VARCHAR,
            home VARCHAR, api_base VARCHAR, system VARCHAR, params JSON, license VARCHAR,
            open_weights BOOLEAN, released DATE, base VARCHAR, quantization VARCHAR);
        CREATE TABLE runs (run VARCHAR PRIMARY KEY, name VARCHAR, set_hash VARCHAR, samples INTEGER,
            params JSON, cells INTEGER, done INTEGER, created_at TIMESTAMP, updated_at TIMESTAMP);
        CREATE TABLE run_models (run VARCHAR, model VARCHAR, model_hash VARCHAR, PRIMARY KEY (run, model));
        CREATE TABLE attempts ({_CELL}, attempt INTEGER NOT NULL, final BOOLEAN, outcome VARCHAR,
            http_status INTEGER, error VARCHAR, latency_s DOUBLE, cost_usd DOUBLE, created_at TIMESTAMP);
        CREATE TABLE responses ({_CELL}, attempt INTEGER NOT NULL, outcome VARCHAR, block VARCHAR,
            text VARCHAR, reasoning VARCHAR, reasoning_state VARCHAR, finish_reason VARCHAR,
            served_model VARCHAR, served_by VARCHAR, fingerprint VARCHAR, error VARCHAR, latency_s DOUBLE,
            prompt_tokens INTEGER, completion_tokens INTEGER, cost_usd DOUBLE, created_at TIMESTAMP);
        CREATE TABLE labels ({_CELL}, attempt INTEGER NOT NULL, label VARCHAR NOT NULL,
            rater VARCHAR NOT NULL, version VARCHAR, reason VARCHAR, confidence DOUBLE, created_at TIMESTAMP);
        CREATE TABLE current_labels ({_CELL}, label VARCHAR, rater VARCHAR, reason VARCHAR,
            confidence DOUBLE);
        CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR);
        INSERT INTO meta VALUES ('revision', '0');
        """
    )


def comparison_view(db: duckdb.DuckDBPyConnection) -> None:
    """One row a response with its probe, model and current label, for analysts and for our pages."""
    db.execute(_COMPARISON)


def runs_recorded(db: duckdb.DuckDBPyConnection) -> None:
    """Whether a run's answers were shipped with Parallax rather than asked for here."""
    db.execute("ALTER TABLE runs ADD COLUMN recorded BOOLEAN DEFAULT false")


def saved_sets(db: duckdb.DuckDBPyConnection) -> None:
    """Which set versions somebody saved; others came along with a run."""
    db.execute("CREATE TABLE saved_sets (set_hash VARCHAR PRIMARY KEY, saved_at TIMESTAMP)")


def answers_cached(db: duckdb.DuckDBPyConnection) -> None:
    """Which answers were paid for in an earlier run."""
    for table in ("attempts", "responses"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN cached BOOLEAN DEFAULT false")
    db.execute(_COMPARISON.replace("l.confidence", "l.confidence, r.cached"))


def params_sent(db: duckdb.DuckDBPyConnection) -> None:
    """Which parameters the request for an answer carried."""
    db.execute("ALTER TABLE responses ADD COLUMN params VARCHAR DEFAULT ''")
    db.execute(_COMPARISON.replace("l.confidence", "l.confidence, r.cached, r.params"))


def runs_plan_version(db: duckdb.DuckDBPyConnection) -> None:
    """Which plan of a run is in here, by when it was written: a run that is extended has a newer one."""
    db.execute("ALTER TABLE runs ADD COLUMN plan_version BIGINT DEFAULT 0")


def label_sets(db: duckdb.DuckDBPyConnection) -> None:
    """What each rater but the rules last said, and the view `comparison` under another rater's labels.

    A person's label stays in force there, and what is no matter of judgement: errors, blocks, truncations.
    """
    db.execute(
        f"""
        CREATE TABLE newest_labels ({_CELL}, rater VARCHAR NOT NULL, label VARCHAR, reason VARCHAR,
            confidence DOUBLE, created_at TIMESTAMP);
        CREATE OR REPLACE MACRO comparison_of(wanted) AS TABLE
        SELECT c.* REPLACE (
            CASE WHEN stays THEN c.label ELSE n.label END AS label,
            CASE WHEN stays THEN c.rater ELSE n.rater END AS rater,
            CASE WHEN stays THEN c.reason ELSE n.reason END AS reason,
            CASE WHEN stays THEN c.confidence ELSE n.confidence END AS confidence)
        FROM (
            SELECT *, rater LIKE 'human:%' OR label IN ('error', 'blocked', 'truncated') AS stays
            FROM comparison
        ) c
        LEFT JOIN newest_labels n ON n.run = c.run AND n.probe = c.probe AND n.model = c.model
            AND n.sample = c.sample AND n.rater = wanted;
        """
    )


def draws(db: duckdb.DuckDBPyConnection) -> None:
    """Random samples for review, drawn before it; and what every rater said where more than one did."""
    db.execute(
        f"""
        CREATE TABLE draws (draw VARCHAR NOT NULL, {_CELL}, place INTEGER, weight DOUBLE, drawn_at TIMESTAMP);
        CREATE OR REPLACE VIEW rater_labels AS
        WITH cells AS (SELECT DISTINCT run, probe, model, sample FROM newest_labels),
        rules AS (
            SELECT l.run, l.probe, l.model, l.sample, l.rater, l.label, l.confidence
            FROM labels l JOIN responses r USING (run, probe, model, sample, attempt)
            SEMI JOIN cells USING (run, probe, model, sample) WHERE l.rater = 'rules'
            QUALIFY row_number() OVER (PARTITION BY l.run, l.probe, l.model, l.sample
                ORDER BY l.created_at DESC, l.version DESC) = 1
        )
        FROM rules UNION ALL BY NAME
        SELECT run, probe, model, sample, rater, label, confidence FROM newest_labels;
        """
    )


_WITH_READINGS = (
    "r.cached, r.params, r.reasoning_state, r.reply_language, r.other_language, r.coverage, r.state_line"
)


def answers_read(db: duckdb.DuckDBPyConnection) -> None:
    """What is read of an answer's text once it is in here: `store.readings`. Version 0: not read yet."""
    db.execute(
        """
        ALTER TABLE responses ADD COLUMN read_version TINYINT DEFAULT 0;
        ALTER TABLE responses ADD COLUMN reply_language VARCHAR;
        ALTER TABLE responses ADD COLUMN other_language DOUBLE;
        ALTER TABLE responses ADD COLUMN coverage DOUBLE;
        ALTER TABLE responses ADD COLUMN state_line DOUBLE;
        """
    )
    db.execute(_COMPARISON.replace("l.confidence", f"l.confidence, {_WITH_READINGS}"))


def runs_imported(db: duckdb.DuckDBPyConnection) -> None:
    """From which format a recorded run was imported; '' for one that was not."""
    db.execute("ALTER TABLE runs ADD COLUMN imported VARCHAR DEFAULT ''")


def entries(db: duckdb.DuckDBPyConnection) -> None:
    """Where a response lies in its table: by that a large export is cut into parts that fit in memory."""
    db.execute(_COMPARISON.replace("l.confidence", f"l.confidence, {_WITH_READINGS}, r.rowid AS entry"))


def labelled_view(db: duckdb.DuckDBPyConnection) -> None:
    """What counting labels needs of `comparison`, without a look at the responses.

    `place` says which probe of the run's set is meant, `run_model` which model of which run.
    """
    db.execute(
        """
        CREATE VIEW labelled AS
        SELECT l.run, l.probe, l.model, l.sample, l.label, l.rater, p.place, p.template, p.kind, p.country,
            p.topic, p.theme, p.language, p.stance, p.act, m.developer, m.home, rm.rowid AS run_model
        FROM current_labels l
        JOIN runs ON runs.run = l.run
        JOIN probes p ON p.set_hash = runs.set_hash AND p.probe = l.probe
        JOIN run_models rm ON rm.run = l.run AND rm.model = l.model
        JOIN models m ON m.model_hash = rm.model_hash;
        CREATE MACRO labelled_of(wanted) AS TABLE
        SELECT c.* REPLACE (
            CASE WHEN stays THEN c.label ELSE n.label END AS label,
            CASE WHEN stays THEN c.rater ELSE n.rater END AS rater)
        FROM (
            SELECT *, rater LIKE 'human:%' OR label IN ('error', 'blocked', 'truncated') AS stays
            FROM labelled
        ) c
        LEFT JOIN newest_labels n ON n.run = c.run AND n.probe = c.probe AND n.model = c.model
            AND n.sample = c.sample AND n.rater = wanted;
        """
    )


MIGRATIONS: tuple[Migration, ...] = (
    first_tables,
    comparison_view,
    runs_recorded,
    saved_sets,
    answers_cached,
    params_sent,
    runs_plan_version,
    label_sets,
    draws,
    answers_read,
    runs_imported,
    entries,
    labelled_view,
)


def migrate(db: duckdb.DuckDBPyConnection) -> None:
    """Apply what this file has not seen yet, each step in a transaction of its own."""
    db.execute("CREATE TABLE IF NOT EXISTS migrations (name VARCHAR PRIMARY KEY, applied_at TIMESTAMP)")
    applied = {name for (name,) in db.execute("SELECT name FROM migrations").fetchall()}
    for step in MIGRATIONS:
        if step.__name__ in applied:
            continue
        db.begin()
        step(db)
        db.execute("INSERT INTO migrations VALUES (?, now()::TIMESTAMP)", [step.__name__])
        db.commit()
