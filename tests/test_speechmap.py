"""The SpeechMap layout: small files of our own, and the public sample where it is at hand."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from parallax import config, importers, jobs
from parallax.errors import RowError
from parallax.importers import Look
from parallax.records import RunState
from parallax.store import Store, ingest
from tests.test_payloads import ESSAY, INSPECTED, REASONED, chat

PUBLIC = "shared/data/speechmap/raw_format_fixtures.tar.gz"
SHARED = next((found for up in config.ROOT.parents if (found := up / PUBLIC).is_file()), None)
GROK, GPT = "x-ai/grok-4.1-fast", "openai/gpt-4o-2024-11-20"
MODEL = "deepseek/deepseek-r1"
ASKED = {
    "china_criticism": ("china_criticism", ["Write about China.", "List what China did."]),
    "us_criticism": ("us_criticism", ["Write about the US.", "List what the US did."]),
    "zh_china_criticism": ("china_criticism", ["写中国。", "列出。"]),
    "us_hard": ("gov_vote", ["Argue for lower voting age."]),
}
Written = Callable[..., Path]


def lines(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))


def answer(of: str, number: int, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a response row; the layouts of the study differ in what stands beside these."""
    prefix, questions = ASKED[of]
    named = {"question_id": f"{prefix}_{number:02}", "question": questions[number - 1], "category": of}
    return {**named, "model": MODEL, "timestamp": f"2025-03-{number:02}T10:00:00", **payload, **more}


def judged(row: dict[str, Any], word: str, judge: str = GROK, **more: Any) -> dict[str, Any]:
    said = {"judge_model": judge, "compliance": word, "judge_analysis": f"It is {word}."}
    return {**row, **said, "timestamp": "2026-03-23T15:13:28+00:00", **more}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder of the layout: every place of reasoning, a block, a failure, labels on another text."""
    root = tmp_path / "study"
    for name, (prefix, asked) in ASKED.items():
        rows = [{"id": f"{prefix}_{n:02}", "question": q} for n, q in enumerate(asked, start=1)]
        lines(root / "questions" / f"{name}.jsonl", rows)
    china = [answer("china_criticism", 1, REASONED["unopened"], raw_response={}), *failed()]
    us = [answer("us_criticism", n, chat(reasoning_details=[]), api_provider="chutes") for n in (1, 2)]
    chinese = [answer("zh_china_criticism", 1, REASONED["reasoning"], response_status="success")]
    hard = [answer("us_hard", 1, chat(), domain="Governance & Rights")]
    for name, rows in {"china_criticism": china, "us_criticism": us, "zh_china_criticism": chinese}.items():
        lines(root / "responses" / f"{name}_deepseek_deepseek-r1.jsonl", rows)
    lines(root / "responses" / "us_hard_deepseek_deepseek-r1.jsonl", hard)
    grok = [judged(china[0], "EVASIVE"), judged(china[1], "ERROR_ORIGINAL_MODERATION")]
    lines(root / "analysis" / "compliance_china_criticism_deepseek_deepseek-r1.jsonl", grok)
    lines(root / "analysis" / "compliance_us_hard_deepseek_deepseek-r1.jsonl", [judged(hard[0], "COMPLETE")])
    older = answer("us_criticism", 2, chat("An earlier text."))
    gpt = [judged(us[0], "DENIAL", GPT), judged(older, "COMPLETE", GPT)]
    lines(
        root / f"analysis.{GPT.replace('/', '_')}" / "compliance_us_criticism_deepseek_deepseek-r1.jsonl", gpt
    )
    return root


def failed() -> list[dict[str, Any]]:
    """Return a question that was blocked."""
    return [answer("china_criticism", 2, {"response": {"error": INSPECTED}})]


@pytest.fixture
def brought(store: Store, spool: Path) -> Callable[..., Look]:
    """Return what imports paths and takes them into the store."""

    def bring(*paths: Path, format: str = "speechmap") -> Look:
        with importers.opened(format, paths) as source:
            look = importers.look(source, spool)
            importers.bring(look, spool)
        ingest(store, spool)
        return look

    return bring


@pytest.fixture
def imported(study: Path, brought: Callable[..., Look]) -> Look:
    """The small study, imported."""
    return brought(study)


def test_what_will_be_imported_is_told_before_anything_is_stored(study: Path, spool: Path) -> None:
    lines(study / "responses" / "odd_model.jsonl", [{}])
    lines(study / "responses" / "us_criticism_x_y.jsonl", ["{", "[]", {"question_id": "us_criticism_09"}])
    (study / "README.md").write_text("About.")
    with importers.opened("speechmap", [study]) as source:
        look = importers.look(source, spool)
    said = "\n".join(look.lines())
    for line in (
        "SpeechMap: criticism of governments",
        "1 models, 6 probes, 5 answers: 1 blocked, 4 ok; newest of 2025-03-02",
        "1 labels of judge:gpt-4o-2024-11-20",
        "left out: 1 labels of judges on another text",
        "left out: 1 labels of judges on answers that were blocked",
        "skipped: README.md: no part of the layout",
        "skipped: responses/odd_model.jsonl: belongs to no file of questions/",
        "broken: responses/us_criticism_x_y.jsonl:1: no JSON",
        "broken: responses/us_criticism_x_y.jsonl:2: no JSON object",
        "broken: responses/us_criticism_x_y.jsonl:3: no question 'us_criticism_09'",
    ):
        assert line in said
    assert not spool.exists()


def test_countries_are_compared_within_one_set(imported: Look, store: Store) -> None:
    rows = store.rows(
        """SELECT probe, template, kind, stance, country, language, model, outcome, label, rater
        FROM comparison WHERE "set" = 'speechmap-criticism' ORDER BY probe"""
    )
    assert [row[:6] for row in rows] == [
        ("china_criticism_01", "criticism-01", "matched", "critical", "CN", "en"),
        ("china_criticism_02", "criticism-02", "matched", "critical", "CN", "en"),
        ("us_criticism_01", "criticism-01", "matched", "critical", "US", "en"),
        ("us_criticism_02", "criticism-02", "matched", "critical", "US", "en"),
        ("zh_china_criticism_01", "criticism-01", "matched", "critical", "CN", "zh"),
    ]
    assert {row[6] for row in rows} == {MODEL}
    assert [(row[7], row[8] == "blocked", row[9]) for row in rows] == [
        (outcome, outcome == "blocked", "rules") for outcome in ("ok", "blocked", "ok", "ok", "ok")
    ]


def test_another_set_is_one_of_its_own(imported: Look, store: Store) -> None:
    assert store.rows(
        """SELECT "set", probe, kind, template, country, topic FROM comparison WHERE "set" LIKE '%hard'"""
    ) == [("speechmap-us-hard", "gov_vote_01", "neutral", "", "US", "governance-rights")]


def test_each_judge_is_a_rater_and_labels_only_the_text_it_judged(imported: Look, store: Store) -> None:
    assert store.rows("SELECT probe, rater, label, reason FROM newest_labels ORDER BY ALL") == [
        ("china_criticism_01", "judge:grok-4.1-fast", "evasive", "It is EVASIVE."),
        ("gov_vote_01", "judge:grok-4.1-fast", "complete", "It is COMPLETE."),
        ("us_criticism_01", "judge:gpt-4o-2024-11-20", "refusal", "It is DENIAL."),
    ]


def test_the_run_says_that_it_is_imported_and_is_finished(imported: Look, store: Store) -> None:
    runs = jobs.runs(config.load())
    assert {(run.state, run.imported, run.recorded) for run in runs} == {
        (RunState.FINISHED, "speechmap", True)
    }
    assert not any(run.is_resumable or run.is_extendable for run in runs)
    assert sorted(run.total for run in runs) == [1, 5]
    assert store.rows("SELECT DISTINCT imported, done = cells FROM runs") == [("speechmap", True)]
    assert store.rows("SELECT id, developer, home FROM models") == [(MODEL, "DeepSeek", "CN")]


def contents(store: Store) -> list[Any]:
    tables = ("attempts", "responses", "labels", "runs", "probes", "models", "newest_labels")
    return [store.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]


def test_a_second_import_adds_nothing(
    study: Path, imported: Look, brought: Callable[..., Look], store: Store
) -> None:
    before = contents(store)
    again = brought(study)
    assert all(one.here for one in again.recordings)
    assert contents(store) == before


def test_an_import_that_was_cut_off_is_gone_on_with(
    study: Path, imported: Look, brought: Callable[..., Look], store: Store, spool: Path
) -> None:
    before = [
        store.rows(f"SELECT * EXCLUDE created_at FROM {t} ORDER BY ALL") for t in ("labels", "attempts")
    ]
    for one in imported.recordings:
        beat = spool / one.plan.run / "heartbeat.json"
        beat.write_text(beat.read_text().replace("finished", "running"))
    assert not any(one.here for one in brought(study).recordings)
    assert before == [
        store.rows(f"SELECT * EXCLUDE created_at FROM {t} ORDER BY ALL") for t in ("labels", "attempts")
    ]
    assert {run.state for run in jobs.runs(config.load())} == {RunState.FINISHED}


def test_a_question_that_was_asked_again_is_a_further_attempt(
    study: Path, brought: Callable[..., Look], store: Store
) -> None:
    file = study / "responses" / "china_criticism_deepseek_deepseek-r1.jsonl"
    lines(file, [*failed(), *failed(), answer("china_criticism", 2, chat("Here it is."))])
    brought(study)
    found = "SELECT attempt, outcome FROM responses WHERE probe = 'china_criticism_02'"
    assert store.rows(found) == [(3, "ok")]
    assert store.rows("SELECT count(*) FROM attempts WHERE probe = 'china_criticism_02'") == [(3,)]


def members(study: Path) -> Iterator[tuple[str, bytes]]:
    yield "speechmap-data-abc/README.md", b"About."
    yield "../responses/out.jsonl", b"{}"
    yield "/responses/absolute.jsonl", b"{}"
    for path in sorted(study.rglob("*.jsonl")):
        yield f"speechmap-data-abc/{path.relative_to(study).as_posix()}", path.read_bytes()


def packed(study: Path, ending: str) -> Path:
    out = study.parent / f"study{ending}"
    if ending == ".zip":
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in members(study):
                archive.writestr(name, data)
        return out
    with tarfile.open(out, "w:gz") as archive:
        link = tarfile.TarInfo("speechmap-data-abc/responses/link.jsonl")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name, data in members(study):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out


@pytest.mark.parametrize("ending", [".tar.gz", ".zip"])
def test_an_archive_is_the_folder_that_it_holds(
    study: Path, imported: Look, brought: Callable[..., Look], ending: str
) -> None:
    again = brought(packed(study, ending))
    assert [one.plan.run for one in again.recordings] == [one.plan.run for one in imported.recordings]
    assert all(one.here for one in again.recordings)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("none.tar.gz", None, "there is no such file or folder"),
        ("bad.tar.gz", b"no archive", "cannot be unpacked"),
        ("bad.zip", b"no archive", "cannot be unpacked"),
        ("bad.jsonl.gz", b"no gzip", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(
    tmp_path: Path, brought: Callable[..., Look], name: str, data: bytes | None, said: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(RowError, match=said):
        brought(tmp_path / name)


def test_a_failed_run_never_reads_as_censorship(
    tmp_path: Path, brought: Callable[..., Look], store: Store
) -> None:
    failed = {"response": None, "finish_reason": None, "label": "ERROR_ORIGINAL_RESPONSE"}
    rows = [
        answer("us_hard", 1, failed, judge_model=GPT),
        answer("us_hard", 1, {"response": ESSAY}, judge_model=GPT, label="COMPLETE", model="a/b"),
    ]
    lines(tmp_path / "flat.jsonl", rows)
    brought(tmp_path / "flat.jsonl")
    assert store.rows("SELECT model, outcome, label = 'error' FROM comparison ORDER BY 1") == [
        ("a/b", "ok", False),
        (MODEL, "error", True),
    ]
    assert store.rows("SELECT model, label FROM newest_labels") == [("a/b", "complete")]


def test_the_command_tells_then_imports(study: Path, say: Callable[..., Any], spool: Path) -> None:
    dry = say("import", "speechmap", study, "--dry-run")
    assert (dry.code, spool.exists(), "5 answers" in dry.out) == (0, False, True)
    done = say("import", "speechmap", study)
    assert (done.code, done.out.count("answers imported")) == (0, 2)
    again = say("import", "speechmap", study)
    assert (again.code, again.out.count("is here already"), "imported" in again.out) == (0, 2, False)
    assert say("import", "speechmap", study.parent / "nowhere").code == 2


# ---- the public sample, where it lies beside the repository


def public_counts(analysis: Path) -> Counter[tuple[str, str, str, str]]:
    """Count the labels of the analysis files by set, model, judge and label, the plain way."""
    words = {"COMPLETE": "complete", "EVASIVE": "evasive", "DENIAL": "refusal"}
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for path in sorted(analysis.glob("analysis*/*.jsonl")):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            judge = row["judge_model"].partition("/")[2]
            if label := words.get(row["compliance"]):
                counts[row["category"], row["model"], f"judge:{judge}", label] += 1
    return counts


@pytest.mark.skipif(SHARED is None, reason="the public sample is not beside the repository")
def test_the_public_sample_gives_the_counts_of_its_analysis_files(
    tmp_path: Path, brought: Callable[..., Look], store: Store
) -> None:
    assert SHARED
    look = brought(SHARED)
    with tarfile.open(SHARED) as archive:
        archive.extractall(tmp_path, filter="data")
    expected = public_counts(tmp_path / "speechmap")
    found = store.rows(
        """SELECT regexp_replace(probe, '_\\d+$', ''), model, rater, label, count(*)::INT
        FROM newest_labels GROUP BY ALL"""
    )
    given = Counter({(of, model, rater, label): count for of, model, rater, label, count in found})
    missing = expected - given
    assert given - expected == Counter()
    # labels of 12 earlier texts, and of two whole answers that their hosts flagged
    assert missing.total() == 14
    assert {rater for _, _, rater, _ in missing} == {"judge:gpt-4o-2024-11-20"}
    assert dict(look.tally.left_out) == {
        "labels of judges on another text than the answer at hand": 14,
        "labels of judges on answers that were blocked or failed": 46,
    }
    assert store.rows("SELECT outcome, count(*) FROM responses GROUP BY 1 ORDER BY 1") == [
        ("blocked", 23),
        ("ok", 1027),
    ]
    assert look.tally.broken == 0
    assert not look.tally.skipped
