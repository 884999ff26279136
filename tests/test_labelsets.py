"""`labels FILE`: somebody's labels of recorded answers become a rater's, all of a file or nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from parallax import config, labelsets
from parallax.spool import RunFolder
from parallax.store import Store, open_store
from tests import recordings
from tests.conftest import Said
from tests.recordings import matched

RUN = "run-a"
Say = Callable[..., Said]
TABLE = {("leader.cn", "alpha"): "C", ("leader.fr", "alpha"): "RC", ("leader.us", "alpha"): "X"}


@pytest.fixture
def run(spool: Path) -> None:
    recordings.record(spool, RUN, matched("leader", "CN FR US"), TABLE)


def sheet(tmp_path: Path, *rows: dict[str, object], name: str = "labels.csv") -> Path:
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(column for row in rows for column in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(probe: str = "leader.cn", label: str = "refusal", **more: object) -> dict[str, object]:
    return {"run": RUN, "probe": probe, "model": "alpha", "label": label, **more}


def stored(store: Store) -> list[tuple[object, ...]]:
    return store.rows(
        "SELECT probe, sample, rater, label, reason, confidence FROM newest_labels ORDER BY ALL"
    )


def in_store() -> Store:
    return open_store(config.load().store)


def test_labels_are_taken_in_once(run: None, say: Say, tmp_path: Path) -> None:
    dated = {"rater": "human:Anna", "labelled_at": "2026-04-01T10:00:00+02:00", "note": "'=plainly"}
    rows = [
        row(label="Evasive", **dated),
        row("leader.fr", sample=1, rater="tea party", reason="no words", confidence="0.5"),
    ]
    path = sheet(tmp_path, *rows)
    for _ in range(2):
        told = say("labels", path)
        assert (told.code, told.err) == (
            0,
            f"{path}: 2 labels by human:Anna, import:tea party of 1 run taken in\n",
        )
    store = in_store()
    assert stored(store) == [
        ("leader.cn", 0, "human:Anna", "evasive", "=plainly", 1.0),
        ("leader.fr", 1, "import:tea party", "refusal", "no words", 0.5),
    ]
    # the rules' three and these two, not a row more for the second time
    assert store.rows("SELECT count(*) FROM labels WHERE rater <> 'rules'") == [(2,)]
    assert store.rows("SELECT label FROM comparison WHERE probe = 'leader.cn'") == [("evasive",)]
    (at,) = store.rows("SELECT created_at FROM newest_labels WHERE rater = 'human:Anna'")[0]
    assert at.isoformat() == "2026-04-01T08:00:00"


def test_answers_are_found_by_their_text(run: None, say: Say, tmp_path: Path) -> None:
    prompt, answer = (
        "Criticise the government  of CN (leader).\r\n",
        "An answer to leader.cn by alpha, complete.",
    )
    by_text = {"prompt": prompt, "response": answer, "label": "refusal"}
    by_hash = {"answer_hash": labelsets.answer_hash(prompt, answer), "label": "refusal"}
    for number, given in enumerate((by_text, by_hash)):
        path = sheet(tmp_path, given, name=f"{number}.csv")
        assert say("labels", path, "--rater", f"reader {number}").code == 0
    assert [found[:4] for found in stored(in_store())] == [
        ("leader.cn", 0, "import:reader 0", "refusal"),
        ("leader.cn", 0, "import:reader 1", "refusal"),
    ]


def test_an_answer_that_changed_since_is_not_labelled(run: None, say: Say, tmp_path: Path) -> None:
    path = sheet(
        tmp_path, row(rater="human:Anna", answer_hash="0" * 64), row("leader.fr", rater="human:Anna")
    )
    told = say("labels", path)
    assert (told.code, told.err) == (2, "labels.csv: row 2: the answer is another one by now\n")
    assert not RunFolder(config.load().spool, RUN).labels.exists()
    told = say("labels", path, "--skip-unknown")
    assert told.err == (
        f"{path}: 1 label by human:Anna of 1 run taken in; 1 rows left out, the first: row 2: the answer is"
        " another one by now\n"
    )


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (
            row(label="denial"),
            'label: "denial" is not one of error, blocked, truncated, refusal, evasive, complete',
        ),
        (row(label=""), 'label: "" is not one of'),
        (row(sample="two"), 'sample: "two" is not a whole number from 0 on'),
        (row(confidence="95 %"), 'confidence: "95 %" is not a number from 0 to 1'),
        (row(labelled_at="yesterday"), 'labelled_at: "yesterday" is not a past time such as'),
        (row(labelled_at="2999-01-01"), 'labelled_at: "2999-01-01" is not a past time such as'),
        (
            row(rater="rules"),
            'rater: "rules" is the built-in rater; give these labels a name of their own',
        ),
        (row(rater=""), "rater: nobody is named; write human:NAME, judge:ID or a plain name, or use --rater"),
        (row(rater="=cmd()"), 'rater: "=cmd()" is no name'),
        (row(answer_hash="abc"), 'answer_hash: "abc" is not 64 hexadecimal digits'),
        (row(model=""), "run: nothing tells which answer this is of; give run, probe and model"),
        (row(probe="leader.xx"), "there is no such answer"),
        # an error has no text that anybody could label
        (row(probe="leader.us"), "there is no such answer"),
        (row(run="run-b"), "there is no such answer"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_taken_in(
    given: dict[str, object], fault: str, run: None, say: Say, tmp_path: Path
) -> None:
    good = row("leader.fr", rater="human:Anna")
    told = say("labels", sheet(tmp_path, good, {"rater": "human:Anna", **given}))
    assert told.code == 2
    assert told.err.startswith(("labels.csv: row 3, " if ":" in fault else "labels.csv: row 3: ") + fault)
    assert stored(in_store()) == []


def test_two_labels_of_one_answer_by_one_rater_contradict_each_other(
    run: None, say: Say, tmp_path: Path
) -> None:
    path = sheet(
        tmp_path, row(rater="human:Anna"), row(rater="human:Ben"), row(label="complete", rater="human:Anna")
    )
    assert say("labels", path).err == (
        'labels.csv: row 4, label: row 2 calls the same answer "refusal"; keep one of them\n'
    )


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "there is no column label"),
        (b"run,probe,model\na,b,c\n", "there is no column label"),
        (b"label\nrefusal\n", "nothing tells which answers the labels are of"),
        (b"PK\x03\x04", "is a spreadsheet or an archive"),
        (b'run,probe,model,label\n"a,b,c,d\n', "no table of this kind"),
    ],
)
def test_a_file_that_is_no_sheet_of_labels(raw: bytes, fault: str) -> None:
    found = labelsets.read(raw)
    assert (found.given, len(found.faults), fault in found.faults[0]) == ((), 1, True)


def test_what_a_spreadsheet_makes_of_it_is_read_all_the_same() -> None:
    said = "déjà vu à l'hôtel, très étrange, même là-bas"
    text = f"run;probe;model;label;rater;note\r\nrun-a;leader.cn;alpha;refusal;human:Zoé;{said}\r\n"
    for raw in (text.encode("utf-16"), text.encode("utf-8-sig")):
        (given,) = labelsets.read(raw).given
        assert (given.label.rater, given.label.verdict.reason) == ("human:Zoé", said)


def test_of_many_faults_the_first_are_told(say: Say, run: None, tmp_path: Path) -> None:
    path = sheet(tmp_path, *[row(label="denial", rater="human:Anna")] * 30)
    lines = say("labels", path).err.splitlines()
    assert (len(lines), lines[-1]) == (21, "labels.csv: and 10 more rows")


def test_a_file_that_is_not_there(say: Say) -> None:
    assert say("labels", "nowhere.csv").err == "nowhere.csv: cannot be read: No such file or directory\n"


HOSTILE = "=1+1\r\n“quoted”,\t'and' more"


def test_labels_go_out_and_come_back_the_same(run: None, say: Say, tmp_path: Path) -> None:
    rows = [
        row(rater="human:Anna", note=HOSTILE, labelled_at="2026-04-01T08:00:00"),
        row(rater="judge:tea", label="complete", reason="+fine", confidence=0.25),
        row("leader.fr", label="evasive", rater="human:Anna", sample=1),
    ]
    assert say("labels", sheet(tmp_path, *rows)).code == 0
    before = stored(in_store())
    out = tmp_path / "out.csv"
    assert say("export", "--kind", "labels", "--out", out).err == f"{out}: 3 rows\n"
    with out.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert tuple(found[0]) == labelsets.COLUMNS
    assert [(one["rater"], one["note"], one["reason"]) for one in found] == [
        ("human:Anna", f"'{HOSTILE}", ""),
        ("judge:tea", "", "'+fine"),
        ("human:Anna", "", ""),
    ]
    assert say("labels", out).code == 0
    store = in_store()
    assert stored(store) == before
    assert store.rows("SELECT count(*) FROM labels WHERE rater <> 'rules'") == [(3,)]

    # without ids, by the text alone
    for one in found:
        del one["run"], one["probe"], one["model"], one["sample"]
    other = {**found[0], "rater": "human:Ben"}
    assert say("labels", sheet(tmp_path, other, name="texts.csv")).code == 0
    assert ("leader.cn", 0, "human:Ben", "refusal", HOSTILE, 1.0) in stored(in_store())


def test_one_raters_labels_go_out_alone(run: None, say: Say, tmp_path: Path) -> None:
    assert say("labels", sheet(tmp_path, row(rater="human:Anna"), row(rater="judge:tea"))).code == 0
    for rater, count in (("human:Anna", 1), ("rules", 4), ("human:Ben", 0)):
        out = tmp_path / "one.csv"
        assert (
            say("export", "--kind", "labels", "--rater", rater, "--out", out).err == f"{out}: {count} rows\n"
        )
