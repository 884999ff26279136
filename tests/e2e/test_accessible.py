"""Every page of the navigation under axe-core, in both themes, on the recorded study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from parallax import config, samples
from parallax.store import ingest, open_store, shut
from tests.e2e.browser import Dashboard, page, settled

GRAVE = {"serious", "critical"}
# the second theme changes nothing but colours
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast"]},
}


class Allowed(NamedTuple):
    """A finding in markup that Streamlit draws and no setting reaches."""

    rule: str
    selector: str
    reason: str


ALLOWED = (
    Allowed("list", "ul[data-testid=stSidebarNavItems]", "its sections are div between ul and li"),
    Allowed("listitem", "ul[data-testid=stSidebarNavItems] > div > li", "the other half of the same"),
    Allowed(
        "color-contrast",
        "button[data-selected=true] p",
        "the chosen segment is the primary colour on a tint of itself, a primary button white on it: on a"
        " dark page no colour has 4.5 to 1 with both. The button has it, the segment 3.5 to 1 and a border",
    ),
)


class Finding(NamedTuple):
    """A rule that an element breaks."""

    rule: str
    target: str
    what: str


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard on the study that ships."""
    models = config.ROOT / "models.toml"
    settings = config.load(tmp_path / "recorded", models)
    samples.add(settings)
    ingest(open_store(settings.store), settings.spool)
    shut(settings.store)
    with Dashboard(settings.data, models) as running:
        yield running


def grave(shown: Page, **options: Any) -> list[Finding]:
    """Return what axe finds serious or critical in a page."""
    ran = Axe().run(shown, options={"resultTypes": ["violations"], **options})
    found: list[dict[str, Any]] = ran.response["violations"]
    return [
        Finding(rule["id"], str(node["target"][-1]), node["failureSummary"])
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def allowance(shown: Page, finding: Finding) -> Allowed | None:
    """Return the entry of the list that a finding falls under."""
    is_it = "([target, selector]) => document.querySelector(target).matches(selector)"
    for one in ALLOWED:
        if one.rule == finding.rule and shown.evaluate(is_it, [finding.target, one.selector]):
            return one
    return None


@pytest.mark.timeout(400)
def test_no_page_has_a_serious_finding(chromium: Browser, recorded: Dashboard) -> None:
    faults: dict[tuple[str, str], list[Finding]] = {}
    used = set()
    with page(chromium, height=1400) as visit:
        shown = visit.page
        shown.goto(recorded.url)
        settled(shown)
        links = shown.get_by_test_id("stSidebarNavLink").all()
        paths = [urlsplit(link.get_attribute("href") or "").path for link in links]
        assert len(paths) >= 8
        for path in paths:
            shown.goto(recorded.url + path)
            for scheme in SCHEMES:
                shown.emulate_media(color_scheme=scheme)
                settled(shown)
                assert shown.get_by_test_id("stException").count() == 0, path
                for finding in grave(shown, **SCHEMES[scheme]):
                    if one := allowance(shown, finding):
                        used.add(one)
                    else:
                        faults.setdefault((path, scheme), []).append(finding)
    assert faults == {}
    assert used == set(ALLOWED)
