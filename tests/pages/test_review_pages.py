"""The pages Review and Agreement: blind until decided, one keystroke a label, disagreement opened."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from parallax.records import Cell, Label, Labelled, LabelValue, Verdict
from parallax.store import Store, ingest, labels
from tests import recordings
from tests.pages.test_pages import show, texts
from tests.recordings import BEGAN, LETTERS, matched

RUN, JUDGE = "run-a", "judge:tea"
HOSTILE = "![seen](http://127.0.0.1:9/p.png) <script>alert(1)</script> [link](http://127.0.0.1:9)"


@pytest.fixture
def judged(store: Store, spool: Path) -> Store:
    """Ten templates in two countries: the judge differs from the rules once in each country."""
    probes = tuple(probe for n in range(10) for probe in matched(f"t{n}", "CN FR"))
    rules = {f"t{n}.{c}": letter for n, letter in enumerate("CCCCCEEERR") for c in ("cn", "fr")}
    recordings.record(spool, RUN, probes, {(probe, "alpha"): letter for probe, letter in rules.items()})
    ingest(store, spool)
    said = {**rules, "t0.cn": "R", "t9.fr": "C"}
    given = [
        Labelled(
            RUN,
            Cell(probe, "alpha", 0),
            1,
            Label(Verdict(LabelValue(LETTERS[letter]), HOSTILE), JUDGE, "1", BEGAN + timedelta(days=1)),
        )
        for probe, letter in said.items()
    ]
    labels.add(store, given)
    return store


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception, [e.stack_trace for e in at.exception]
    return at


def test_an_answer_is_labelled_blind_and_the_label_taken_back(judged: Store) -> None:
    at = show("review.py")
    first = [one.value for one in at.text]
    # what the judge and the rules differ on comes first; an answer of the recordings names probe and model
    probe, was = first[1].split()[3], first[1].split()[-1].strip(".")
    assert probe in {"t0.cn", "t9.fr"}
    assert "alpha" not in texts(at).replace(first[1], "")
    press(at, "Dodged")
    assert "Last: Dodged. It was by alpha." in texts(at).replace("\\", "")
    label = "SELECT label, rater LIKE 'human:%' FROM comparison WHERE probe = ?"
    assert judged.rows(label, [probe]) == [("evasive", True)]
    assert [one.value for one in at.text] != first
    press(at, "Undo")
    assert [one.value for one in at.text] == first
    assert judged.rows(label, [probe]) == [(was, False)]


def test_chance_comes_first_and_skipping_leaves_an_answer_for_later(judged: Store) -> None:
    at = press(show("review.py"), "Draw")
    assert "0 of 20 drawn answers are labelled" in texts(at)
    assert "Drawn by chance" in texts(at)
    first = at.text[0].value
    press(at, "Skip")
    assert at.text[0].value != first


def test_the_label_set_re_labels_every_page(judged: Store) -> None:
    def share(at: AppTest) -> float:
        table = at.dataframe[-1].value
        return float(table[table["country"] == "China"]["refusal"].sum())

    plain = show("heatmap.py")
    choice = next(box for box in plain.selectbox if box.label == "Labels by")
    assert choice.options == ["rules (20)", f"{JUDGE} (20)"]
    assert share(plain) == 2
    at = show("heatmap.py", labels=JUDGE)
    assert share(at) == 3


def test_raters_are_compared_and_what_they_differ_on_is_opened(judged: Store) -> None:
    at = show("agreement.py")
    pairs = at.dataframe[0].value
    assert list(pairs["raters"]) == [f"rules · {JUDGE}"]
    assert list(pairs["answers"]) == [20]
    assert pairs["κ, three labels"][0].startswith("0.84 (")
    opened = [one.label.replace("\\", "") for one in at.expander if one.label != "More labels"]
    assert opened == ["t0.cn, alpha: Complete · Refused", "t9.fr, alpha: Refused · Complete"]
    assert "An answer to t0.cn by alpha, complete." in [one.value for one in at.text]
    by_country = show("agreement.py", by="country").dataframe[0].value
    assert list(by_country["Country"]) == ["China", "France"]


def test_one_rater_alone_agrees_with_nobody(store: Store, spool: Path) -> None:
    recordings.record(spool, RUN, matched("leader", "CN FR"), {("leader.cn", "alpha"): "C"})
    ingest(store, spool)
    assert "So far one rater alone" in texts(show("agreement.py"))


def test_whether_a_rater_errs_alike_for_every_country_is_said(judged: Store) -> None:
    at = show("agreement.py", tested=JUDGE, truth="rules")
    said = texts(at).replace("\\", "")
    assert f"No sign that {JUDGE} errs more for one than for another, on 20 answers." in said
    assert "misses: p 1.000; false alarms: p 1.000" in said
    (errors,) = (one.value for one in at.dataframe if "moved by, points" in one.value)
    assert list(errors["country"]) == ["China", "France"]
    assert list(errors["moved by, points"]) == ["+10", "−10"]


def test_labels_from_a_file_are_taken_in_or_what_is_wrong_is_said(judged: Store, spool: Path) -> None:
    at = show("agreement.py")
    at.session_state["more_labels"] = True
    at.run()
    way = next(one for one in at.button_group if "Take labels in" in one.options)
    way.set_value("Take labels in").run()
    head = "run,probe,model,label,rater\n"
    for row, said in (
        (f"{RUN},t0.cn,alpha,denial,human:Anna\n", 'labels.csv: row 2, label: "denial" is not one of'),
        (f"{RUN},t0.cn,alpha,evasive,human:Anna\n", "1 label by human:Anna of 1 run taken in."),
    ):
        at.file_uploader[0].upload("labels.csv", (head + row).encode(), "text/csv").run()
        press(at, "Take in")
        shown = [texts(at), *(one.value for one in at.success)]
        assert said in "\n".join(shown).replace("\\", "")
    ingest(judged, spool)
    assert judged.rows("SELECT label FROM comparison WHERE probe = 't0.cn'") == [("evasive",)]


def test_a_judge_is_offered_with_what_it_comes_to(judged: Store) -> None:
    at = show("agreement.py")
    at.session_state["more_labels"] = True
    at.run()
    assert not at.exception
    assert "20 calls, about " in texts(at)
    assert next(box for box in at.selectbox if box.label == "Judge").options == ["test-model", "other-model"]
