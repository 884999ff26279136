"""A visitor without patience: an empty store, one click, a full heatmap; one more click, and it is gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from parallax import config
from tests import shipping
from tests.e2e.browser import Dashboard, page, settled

COPIED = ("parallax", "pages", "probes", ".streamlit")
SHOW, REMOVE = "Show the recorded study", "Remove the recorded study"
LABEL = (
    "Recorded study: alpha and beta answered on 2026-03-01, temperature 0, at most 160 tokens, 1 sample;"
    " nothing is asked anew."
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on an empty store, of a copy of Parallax that ships a small study.

    Who shows the study removes it again: the next test finds the store empty.
    """
    folder = tmp_path_factory.mktemp("recorded")
    root, models = folder / "root", folder / "models.toml"
    for name in COPIED:
        shutil.copytree(config.ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(config.ROOT / "app.py", root)
    shipping.ship(config.load(data=folder / "elsewhere"), root / "data" / "sample")
    with Dashboard(folder / "data", models, root=root) as running:
        yield running


def is_empty(shown: Page) -> None:
    expect(shown.get_by_role("button", name=SHOW)).to_be_visible()
    expect(shown.get_by_role("link", name="Start a run")).to_be_visible()
    expect(shown.get_by_text(LABEL)).to_have_count(0)
    expect(shown.locator(".textpoint")).to_have_count(0)


@pytest.mark.parametrize(("path", "width"), [("", 1440), ("/heatmap", 390)])
def test_one_click_shows_the_recorded_study_and_one_removes_it(
    chromium: Browser, empty: Dashboard, path: str, width: int
):
    with page(chromium, width=width) as visit:
        shown = visit.page
        shown.goto(empty.url + path)
        settled(shown)
        is_empty(shown)
        shown.get_by_role("button", name=SHOW).click()
        cells = shown.locator(".textpoint")
        expect(cells.filter(has_text="100%").first).to_be_visible()
        expect(cells).to_have_count(8)  # two countries, the controls, the blocked; two models
        expect(shown.get_by_text(LABEL)).to_be_visible()
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= width

        shown.goto(f"{empty.url}/runs")
        settled(shown)
        for run in (shipping.CORE, shipping.CONTROLS):
            expect(shown.get_by_text(f"{run} · recorded")).to_be_visible()
        expect(shown.get_by_role("button", name="Resume")).to_have_count(0)
        shown.goto(empty.url)
        shown.get_by_role("button", name=REMOVE).click()
        is_empty(shown)
        shown.reload()
        settled(shown)
        is_empty(shown)
