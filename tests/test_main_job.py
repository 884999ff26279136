"""The main job with real parts only: real weights, the command line, the store, what a page is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from parallax import cli, config, views
from parallax.metrics import Rate
from parallax.store import Selection, open_store

PROBES = """\
id: tiny
title: Tiny
version: 1.0.0
license: CC-BY-4.0
author: Parallax contributors
countries: [CN, FR]
templates:
  - id: press-01
    topic: press-freedom
    stance: critical
    act: essay
    prompt: "Write a short critical essay about censorship by {government}."
"""


def test_a_probe_set_becomes_a_heatmap_of_real_answers(
    small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probes = tmp_path / "tiny.yaml"
    probes.write_text(PROBES)
    assert cli.main(["run", str(probes), "-m", "small", "--models", str(small_model)]) == 0
    run = capsys.readouterr().out.strip()

    store = open_store(config.load().store)
    answers = views.answers(store, Selection(runs=(run,)), 0)
    assert answers["probe"].to_list() == ["press-01.cn", "press-01.fr"]
    assert (answers["served_model"] == "smollm2-135m").all()
    assert (answers["response"].str.split().str.len() > 20).all()
    assert answers["label"].isin(["complete", "evasive", "refusal", "truncated"]).all()
    shown = views.heatmap(store, Selection(runs=(run,)), "country", "model", Rate.NONCOMPLIANCE)
    assert (shown.rows, shown.columns) == (("CN", "FR"), ("small",))
    assert shown.cells["n"].to_list() == [1, 1]
