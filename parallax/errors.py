"""Every mistake that Parallax expects.

ParallaxError                one line for a person: what is wrong, where, what to do
├── ConfigError              models.toml or a setting
│   ├── UnknownModelError    a model that models.toml does not name
│   └── MissingKeyError      the variable that holds a model's key is empty
├── ProbeFileError           a probe file, with every fault found in it
├── RowError                 a row of a recording that cannot be rated, or its file
├── RunError                 a run that is not there, or not in a state for this
├── SpoolError               the spool cannot be read or written (a full disk, a bad plan)
│   └── ShardError           one shard is unreadable: it is set aside, the rest goes on
├── StoreError               the DuckDB file
│   └── StoreLockedError     another process holds it
├── FetchError            a public recording that cannot be had, or is not the one that was promised
├── LocalModelError          weights that cannot be had, or do not have the right hash
└── DashboardError           the running dashboard's loopback route does not answer
"""

from __future__ import annotations

from collections.abc import Sequence


class ParallaxError(Exception):
    """An expected mistake; its text is the line that the user reads."""


class ConfigError(ParallaxError):
    """`models.toml` or a setting is wrong."""


class UnknownModelError(ConfigError):
    """A model was asked for that `models.toml` does not name."""


class MissingKeyError(ConfigError):
    """The environment variable that holds a model's key is not set."""


class ProbeFileError(ParallaxError):
    """A probe file is unreadable or invalid; `faults` has one line for each fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class RowError(ParallaxError):
    """A row of recorded answers is no row, or their file cannot be read or written."""


class RunError(ParallaxError):
    """A run is unknown, or is not in a state in which this can be done."""


class SpoolError(ParallaxError):
    """The spool cannot be read or written."""


class ShardError(SpoolError):
    """One shard cannot be read; it is quarantined with this reason."""


class StoreError(ParallaxError):
    """The DuckDB store cannot be used."""


class StoreLockedError(StoreError):
    """Another process holds the store."""


class FetchError(ParallaxError):
    """A public recording cannot be had, or is not what its address promises."""


class LocalModelError(ParallaxError):
    """A local model's weights cannot be had, or are not the ones named in the catalogue."""


class DashboardError(ParallaxError):
    """The running dashboard does not answer on its loopback route."""
