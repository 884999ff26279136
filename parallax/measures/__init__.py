"""What is measured beside rates and gaps (METRICS §2): each a function of a store and a selection.

A table has a row a cell of the axes asked for, with `value`, `low` and `high` (fractions, NaN where there is
none), and `n`, the number of answers, probes or pairs that it rests on.
"""

from parallax.measures.controls import missing, over_refusal, under_refusal
from parallax.measures.factual import by_probe, fact_coverage, soft_censorship, state_line
from parallax.measures.opposed import Evenness, even_handedness, opposed_pairs
from parallax.measures.rater_errors import RaterErrors, rater_errors
from parallax.measures.replies import language_gaps, language_mismatch
from parallax.measures.samples import alike, empty_thought, flip_rate
from parallax.measures.stances import one_sidedness

__all__ = [
    "Evenness",
    "RaterErrors",
    "alike",
    "by_probe",
    "empty_thought",
    "even_handedness",
    "fact_coverage",
    "flip_rate",
    "language_gaps",
    "language_mismatch",
    "missing",
    "one_sidedness",
    "opposed_pairs",
    "over_refusal",
    "rater_errors",
    "soft_censorship",
    "state_line",
    "under_refusal",
]
