"""How a colour looks to a colour-blind reader, and how far two colours are apart.

Matrices: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15(6), 2009, severity 1.0, applied to linear RGB. Distances: CIE 1976 ΔE in L*a*b*
under D65; about 2.3 is just noticeable.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _XYZ @ np.ones(3)


class Nearest(NamedTuple):
    """The two colours of several that are most alike, and their ΔE."""

    distance: float
    first: str
    second: str


def seen(colour: str, vision: str) -> Floats:
    """Return L*, a* and b* of a colour `#rrggbb` as someone with that vision sees it."""
    shares = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    ratio = (_XYZ @ np.clip(VISIONS[vision] @ linear, 0, 1)) / _WHITE
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(first: str, second: str, vision: str) -> float:
    """Return the ΔE of two colours as someone with that vision sees them."""
    return float(np.linalg.norm(seen(first, vision) - seen(second, vision)))


def nearest(colours: Iterable[str], vision: str) -> Nearest:
    """Return which two of several colours are most alike to someone with that vision."""
    return min(Nearest(apart(a, b, vision), a, b) for a, b in itertools.combinations(colours, 2))
