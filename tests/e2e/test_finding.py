"""The way of a visitor with one minute: the Overview, a finding, its gaps, the answers it rests on."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from parallax import config
from tests import recordings
from tests.e2e.browser import Dashboard, page, settled
from tests.recordings import benign, matched

CLAIM = "beta (asked 2026-03-01) is 100 points less willing on China than on matched countries (65 to 100)"
PROBES = tuple(probe for n in range(8) for probe in matched(f"t{n}", "CN FR DE US")) + benign(20)


def test_a_finding_leads_to_its_gaps_and_on_to_its_answers(chromium: Browser, tmp_path: Path) -> None:
    settings = config.load(tmp_path / "data", tmp_path / "models.toml")
    table = {
        (p.id, m): "R" if (p.country, m) == ("CN", "beta") else "C" for p in PROBES for m in ("alpha", "beta")
    }
    recordings.record(settings.spool, "run-a", PROBES, table)
    with Dashboard(settings.data, settings.models_file) as running, page(chromium, height=1400) as visit:
        shown = visit.page
        shown.goto(running.url)
        expect(shown.get_by_text(CLAIM)).to_be_visible()

        shown.get_by_role("link", name="Beside its other countries").click()
        shown.wait_for_url(re.compile("/gaps"))
        settled(shown)
        for part in ("run=run-a", "one_model=beta"):
            assert part in shown.url
        expect(shown.get_by_text(re.compile("beta is less willing .*clear after correction"))).to_be_visible()

        shown.get_by_test_id("stSidebarNav").get_by_text("Overview").click()
        shown.get_by_role("link", name="Its answers on China").click()
        shown.wait_for_url(re.compile("/answers"))
        settled(shown)
        for part in ("run=run-a", "cell_model=beta", "cell_country=CN"):
            assert part in shown.url
        for words in ("Criticise the government of CN (t0).", "An answer to t0.cn by beta, refusal."):
            expect(shown.get_by_text(words).filter(visible=True).first).to_be_visible()
