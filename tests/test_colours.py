"""Colours: told apart by colour-blind readers, read on their background, the same on badges and charts."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from parallax import config
from parallax.figures import DARK, LABELS, LIGHT, Palette
from parallax.figures.palette import LEAST_CONTRAST, contrast, on_scale
from tests.colour_vision import VISIONS, apart, nearest, seen

THEMES = {"light": LIGHT, "dark": DARK}
CONFIG = tomllib.loads((config.ROOT / ".streamlit" / "config.toml").read_text())["theme"]
LEAST_APART = 10.0


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES)
def test_labels_are_told_apart(theme: str, vision: str) -> None:
    # cut off and error are one colour on purpose: neither is anything that the model did
    closest = nearest({getattr(look, theme) for look in LABELS.values()}, vision)
    assert closest.distance >= LEAST_APART, closest


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("label", LABELS)
def test_a_badge_has_the_colour_of_its_label_and_can_be_read(label: str, theme: str) -> None:
    look, colours = LABELS[label], CONFIG[theme]
    assert colours[f"{look.badge}TextColor"] == getattr(look, theme)
    assert contrast(getattr(look, theme), colours[f"{look.badge}BackgroundColor"]) >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", THEMES)
def test_charts_stand_on_the_page_in_its_own_colours(theme: str) -> None:
    assert THEMES[theme].background == CONFIG[theme]["backgroundColor"]
    assert THEMES[theme].ink == CONFIG[theme]["textColor"]


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("scale", ["scale", "blocks"])
@pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES)
def test_a_rate_that_is_higher_is_seen_as_such(colours: Palette, scale: str, vision: str) -> None:
    steps = [on_scale(getattr(colours, scale), share) for share in np.linspace(0, 1, 6)]
    lightness = np.diff([seen(colour, vision)[0] for colour in steps])
    assert (np.abs(lightness) > 3).all()
    assert len(set(np.sign(lightness))) == 1


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES)
def test_a_gap_and_its_opposite_are_told_apart(colours: Palette, vision: str) -> None:
    middle = on_scale(colours.diverging, 0.5)
    for share in (0.15, 0.3, 0.5):
        more, less = on_scale(colours.diverging, 0.5 + share), on_scale(colours.diverging, 0.5 - share)
        assert (
            min(apart(more, less, vision), apart(more, middle, vision), apart(less, middle, vision))
            >= LEAST_APART
        )


@pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES)
def test_the_number_in_a_cell_can_be_read_on_every_colour(colours: Palette) -> None:
    for scale in (colours.scale, colours.diverging, colours.blocks):
        for share in np.linspace(0, 1, 41):
            below = on_scale(scale, float(share))
            assert contrast(colours.readable_on(below), below) >= LEAST_CONTRAST, below
