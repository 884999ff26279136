"""Pictures of every page, both themes and both widths, of the recorded study: `make screenshots`.

python docs/screenshots.py [--data DIR] [--models FILE] [--out docs/img]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from parallax import config, probes, samples  # noqa: E402
from parallax.store import ingest, open_store, shut  # noqa: E402
from tests.e2e.browser import Dashboard, browser, page, settled  # noqa: E402

CORE = probes.load(ROOT / "probes" / "core.yaml").hash[:12]
PAGES = {
    "overview": "/",
    "heatmap": "/heatmap",
    "heatmap-gaps": "/heatmap?value=gap",
    "heatmap-models": "/heatmap?rows=topic&columns=country&multiples=each",
    "gaps": "/gaps",
    "compare": "/compare",
    "models": "/models",
    "answers": "/answers",
    "answers-found": "/answers?find=corruption&label=complete",
    "ask": "/ask",
    "probe-sets": f"/probe_sets?browse={CORE}",
    "coverage": f"/probe_sets?sets_view=coverage&browse={CORE}",
    "runs": "/runs",
}
SIZES = {"desktop": (1440, 1000), "phone": (390, 844)}


def main() -> None:
    """Take the pictures and name each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a store with answers (default: the recorded study)")
    parser.add_argument("--models", type=Path, default=ROOT / "models.toml")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "img")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as empty:
        data = args.data or with_study(Path(empty), args.models)
        with Dashboard(data, args.models) as dashboard, browser() as chromium:
            take(dashboard.url, chromium, args.out)


def with_study(data: Path, models: Path) -> Path:
    """Put the recorded study into the store of a data folder; returns the folder."""
    settings = config.load(data, models)
    samples.add(settings)
    ingest(open_store(settings.store), settings.spool)
    shut(settings.store)
    return data


def take(url: str, chromium: Browser, out: Path) -> None:
    """Take the picture of each page in each theme and size."""
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            for name, path in PAGES.items():
                file = out / f"{name}-{size}-{scheme}.png"
                with page(chromium, width=width, height=height, scheme=scheme) as visit:
                    visit.page.goto(url + path)
                    settled(visit.page, quiet=1.0)
                    visit.page.screenshot(path=file)
                print(file.relative_to(out.parent))


if __name__ == "__main__":
    main()
