"""Pictures of every page, both themes and both widths, from a store with answers: `make screenshots`.

python docs/screenshots.py [--data DIR] [--models FILE] [--out docs/img]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e.browser import Dashboard, browser, page, settled  # noqa: E402

PAGES = {
    "overview": "/",
    "heatmap": "/heatmap",
    "answers": "/answers",
    "ask": "/ask",
    "probe-sets": "/probe_sets",
    "coverage": "/probe_sets?sets_view=coverage",
    "runs": "/runs",
}
SIZES = {"desktop": (1440, 1000), "phone": (390, 844)}


def main() -> None:
    """Take the pictures and name each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    parser.add_argument("--models", type=Path, default=ROOT / "models.toml")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "img")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with Dashboard(args.data, args.models) as dashboard, browser() as chromium:
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                for name, path in PAGES.items():
                    file = args.out / f"{name}-{size}-{scheme}.png"
                    with page(chromium, width=width, height=height, scheme=scheme) as visit:
                        visit.page.goto(dashboard.url + path)
                        settled(visit.page, quiet=1.0)
                        visit.page.screenshot(path=file)
                    print(file.relative_to(args.out.parent))


if __name__ == "__main__":
    main()
