"""From a gap to its evidence, and two runs side by side whose answers are hostile, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from parallax import config
from tests import recordings
from tests.e2e.browser import Dashboard, Visit, page, settled
from tests.recordings import BEGAN, benign, matched

PROBES = [*(p for n in range(6) for p in matched(f"t{n}", "CN FR US")), *benign(2)]
HOSTILE = (
    '<img src="http://192.0.2.1/p.png" onerror="window.hit = 1"> </div><script>window.hit = 1</script>'
    " and the law is {} in every town of the land"
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Two runs of alpha, which refuses China in both; t0.fr is answered by hostile text, a word apart."""
    data = tmp_path_factory.mktemp("gaps") / "data"
    spool = config.load(data).spool
    table = {(p.id, m): "C" for p in PROBES for m in ("alpha", "beta")}
    table |= {(p.id, "alpha"): "R" for p in PROBES if p.country == "CN"} | {("t0.fr", "alpha"): "."}
    for day, (run, letter) in enumerate((("run-a", "C"), ("run-b", "R"))):
        recordings.record(spool, run, PROBES, table, created_at=BEGAN + timedelta(days=day))
        hostile = recordings.response(run, "t0.fr", "alpha", letter, text=HOSTILE.format(letter))
        recordings.shard(spool, run, [hostile], "hostile")
    with Dashboard(data, Path(config.ROOT / "models.toml")) as running:
        yield running


def open_page(visit: Visit, address: str) -> Page:
    visit.page.goto(address)
    settled(visit.page)
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)
    return visit.page


def test_a_click_anywhere_on_a_row_opens_its_answers(chromium: Browser, recorded: Dashboard) -> None:
    with page(chromium) as visit:
        shown = open_page(visit, f"{recorded.url}/gaps")
        expect(shown.get_by_text("is less willing on China (+")).to_be_visible()
        plot = shown.locator(".js-plotly-plot .nsewdrag").bounding_box()
        assert plot is not None
        # in the first of three rows, far from its dot
        shown.mouse.click(plot["x"] + 12, plot["y"] + plot["height"] / 6)
        shown.wait_for_url(re.compile("/answers"))
        settled(shown)
        assert "cell_country=CN" in shown.url
        assert "cell_model=alpha" in shown.url
        expect(shown.get_by_text("Opened cell: China × alpha").first).to_be_visible()


def test_on_a_phone_a_list_opens_them_and_nothing_is_too_wide(chromium: Browser, recorded: Dashboard) -> None:
    with page(chromium, width=390, height=844) as visit:
        shown = open_page(visit, f"{recorded.url}/gaps?gaps_view=model")
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= 390
        shown.get_by_role("button", name="Open answers").click()
        shown.wait_for_url(re.compile("cell_model=alpha"))
        open_page(visit, f"{recorded.url}/compare")
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_a_hostile_answer_is_compared_word_by_word_and_stays_text(
    chromium: Browser, recorded: Dashboard
) -> None:
    with page(chromium) as visit:
        sides = "first_side=run-a/alpha&second_side=run-b/alpha"
        shown = open_page(visit, f"{recorded.url}/compare?{sides}")
        expect(shown.get_by_text("Newly declined or dodged (1)")).to_be_visible()
        for side, tag, letter in (("run-a", "del", "C"), ("run-b", "ins", "R")):
            card = shown.get_by_test_id("stHtml").filter(has_text=HOSTILE.format(letter))
            expect(card, side).to_have_count(1)
            assert card.locator(tag).all_inner_texts() == [letter]
            assert card.locator("img, script").count() == 0
        assert shown.evaluate("() => window.hit") is None
        assert (visit.outside, [one for one in visit.errors if "404" not in one]) == ([], [])
