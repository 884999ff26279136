"""Streamlit looks for garbage among all objects after each run of a script: modules are left out of that.

They are some 200,000 objects, and none of them ever goes. To look at them takes .1 s, for which everybody
waits: a page that another one opens starts only then.
"""

from __future__ import annotations

import atexit
import gc
import sys
from functools import cache

MANY = 500


def settle() -> None:
    """Leave what there is now out of later collections, again after each few hundred modules more.

    To be called at the start of a script, when the garbage of the last run has just been collected: what lies
    in a cycle that is frozen is never freed.
    """
    _freeze(len(sys.modules) // MANY)


@cache
def _freeze(hundreds: int) -> None:
    gc.freeze()


# what is frozen at the end of the process counts as leaked there, and libraries complain of it
atexit.register(gc.unfreeze)
