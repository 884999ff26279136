"""Routes: which answers came by which, what is said of a change, and that split rates add up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from parallax import config, metrics, routes, views
from parallax.metrics import Rate
from parallax.records import Probe, Response
from parallax.store import Selection, Store, ingest
from tests import recordings
from tests.recordings import BEGAN, benign, matched

FIRE = {"served_by": "Fireworks", "served_model": "m-1"}
TOGETHER = {"served_by": "Together", "served_model": "m-1"}
NEWER = {"served_by": "Fireworks", "served_model": "m-2"}
NAMELESS = {"served_by": "router.test", "served_model": ""}
PROBES = (*matched("press", "CN FR"), *matched("vote", "CN FR"), *benign(2))
PAIRS = (("run-a", "alpha"), ("run-a", "beta"))
ALPHA = Selection(pairs=PAIRS[:1])


def answer(probe: str, letter: str, model: str = "alpha", run: str = "run-a", **more: Any) -> Response:
    return recordings.response(run, probe, model, letter, **more)


def fed(store: Store, given: Iterable[Response], probes: Iterable[Probe] = PROBES) -> Store:
    """Put the answers of one or more runs to the same probes into the store."""
    spool, given = config.load().spool, list(given)
    for day, run in enumerate(dict.fromkeys(one.run for one in given)):
        of_run = [one for one in given if one.run == run]
        models = dict.fromkeys(one.cell.model for one in of_run)
        samples = max(one.cell.sample for one in of_run) + 1
        at = BEGAN + timedelta(days=day)
        made = recordings.plan(run, probes, models, samples=samples, created_at=at)
        recordings.RunFolder(spool, run).create(made)
        recordings.shard(spool, run, of_run)
    ingest(store, spool)
    return store


def mixed(model: str = "alpha") -> list[Response]:
    """Two routes, an error and a block that reached no model, one control by each route."""
    return [
        answer("press.cn", "R", model, **FIRE),
        answer("press.fr", "C", model, **FIRE),
        answer("vote.cn", "E", model, **TOGETHER),
        answer("vote.fr", "X", model, **NAMELESS),
        answer("press.cn", "B", model, sample=1, **NAMELESS),
        answer("vote.cn", "E", model, sample=1, **TOGETHER),
        answer("benign-1", "C", model, **FIRE),
        answer("benign-2", "R", model, **TOGETHER),
    ]


def ways(store: Store, selection: Selection) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in routes.served(store, selection):
        counted[one.way] = counted.get(one.way, 0) + one.answers
    return counted


# ---- which route an answer has


@pytest.mark.parametrize(
    ("letter", "served", "way"),
    [
        pytest.param("C", FIRE, "Fireworks · m-1", id="an answer has its own"),
        pytest.param("C", {"served_by": "", "served_model": "m-1"}, "unknown · m-1", id="a host unknown"),
        pytest.param("C", NAMELESS, "router.test · unknown", id="a model unknown"),
        pytest.param("T", NAMELESS, "router.test · unknown", id="a cut answer came from a model"),
        pytest.param("C", {"served_by": "", "served_model": ""}, "no route", id="nothing known"),
        pytest.param("X", NAMELESS, "no route", id="an error reached no model"),
        pytest.param("B", NAMELESS, "no route", id="nor did a block before it"),
        pytest.param("X", FIRE, "Fireworks · m-1", id="an error that names a model has its route"),
        pytest.param("B", TOGETHER, "Together · m-1", id="a block that names one too"),
        pytest.param("C", FIRE | {"cached": True}, "Fireworks · m-1", id="from the cache: who served it"),
    ],
)
def test_route_of_an_answer(store: Store, letter: str, served: dict[str, Any], way: str) -> None:
    fed(store, [answer("press.cn", letter, **served)])
    assert ways(store, ALPHA) == {way: 1}


@pytest.mark.parametrize("letter", ["X", "B"])
def test_what_reached_no_model_counts_with_the_only_route_there_was(store: Store, letter: str) -> None:
    given = [answer("press.cn", "C", **FIRE), answer("press.fr", letter, **NAMELESS)]
    assert ways(fed(store, given), ALPHA) == {"Fireworks · m-1": 2}
    # of the run, whatever is filtered
    assert ways(store, Selection(pairs=PAIRS[:1], countries=("FR",))) == {"Fireworks · m-1": 1}


def test_one_row_a_route_and_fingerprint_with_its_first_and_last_time(store: Store) -> None:
    moments = [BEGAN + timedelta(minutes=n) for n in range(4)]
    systems = ["fp-1", "fp-1", "fp-2", ""]
    probes = ["press.cn", "press.fr", "vote.cn", "vote.fr"]
    fed(
        store,
        [
            answer(probe, "C", at=at, fingerprint=system, **FIRE)
            for probe, at, system in zip(probes, moments, systems, strict=True)
        ],
    )
    naive = [at.replace(tzinfo=None) for at in moments]
    assert routes.served(store, ALPHA) == tuple(
        routes.Served("run-a", "alpha", "alpha @ Fireworks · m-1", *rest)
        for rest in [
            ("fp-1", 2, naive[0], naive[1]),
            ("fp-2", 1, naive[2], naive[2]),
            ("", 1, naive[3], naive[3]),
        ]
    )


def test_the_text_of_a_host_is_bounded(store: Store) -> None:
    long = {"served_by": "h" * 5000, "served_model": "m" * 5000, "fingerprint": "f" * 5000}
    [one] = routes.served(fed(store, [answer("press.cn", "C", **long)]), ALPHA)
    assert one.way == f"{'h' * 80} · {'m' * 120}"
    assert one.fingerprint == "f" * 80


# ---- what is said of a change


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param([("C", FIRE, ""), ("C", FIRE, "")], [], id="one route"),
        pytest.param([("C", FIRE, "fp-1"), ("C", FIRE, "")], [], id="no fingerprint is no change"),
        pytest.param([("C", FIRE, ""), ("X", NAMELESS, "")], [], id="nor is an error"),
        pytest.param(
            [("C", FIRE, ""), ("C", FIRE, ""), ("C", TOGETHER, "")],
            [
                "alpha was served by 2 routes in run run-a: Fireworks · m-1 (2 answers), Together · m-1 (1);"
                " rates mix them."
            ],
            id="two hosts",
        ),
        pytest.param(
            [("C", FIRE, ""), ("C", NEWER, ""), ("C", NEWER, ""), ("B", NAMELESS, "")],
            [
                "alpha was served by 2 routes in run run-a: Fireworks · m-2 (2 answers), Fireworks · m-1 (1);"
                " 1 by none, which never reached the model; rates mix them."
            ],
            id="one host, another model, and a block",
        ),
        pytest.param(
            [("C", FIRE, "fp-1"), ("C", FIRE, "fp-2")],
            [
                "alpha, run run-a: same route (Fireworks · m-1), another system fingerprint: fp-1 (1 answer),"
                " fp-2 (1)."
            ],
            id="another fingerprint on one route",
        ),
        pytest.param(
            [("C", FIRE, "fp-1"), ("C", TOGETHER, "fp-2")],
            [
                "alpha was served by 2 routes in run run-a: Fireworks · m-1 (1 answer), Together · m-1 (1);"
                " rates mix them."
            ],
            id="another route's fingerprint is its own",
        ),
        pytest.param(
            [("C", {"served_by": f"host-{n}", "served_model": "m"}, "") for n in range(6)],
            [
                "alpha was served by 6 routes in run run-a: host-0 · m (1 answer), host-1 · m (1),"
                " host-2 · m (1), host-3 · m (1) and 2 more (2); rates mix them."
            ],
            id="the first four are named",
        ),
    ],
)
def test_a_change_is_told(
    store: Store, given: list[tuple[str, dict[str, str], str]], said: list[str]
) -> None:
    probes = [probe.id for probe in PROBES]
    fed(
        store,
        [
            answer(probe, letter, fingerprint=system, at=BEGAN + timedelta(seconds=n), **served)
            for n, (probe, (letter, served, system)) in enumerate(zip(probes, given, strict=False))
        ],
    )
    found = routes.served(store, ALPHA)
    assert list(routes.changes(found, split=False)) == said
    assert routes.several(found) is ("routes" in "".join(said))


def test_routes_of_two_runs_or_two_models_are_no_change(store: Store) -> None:
    given = [answer("press.cn", "C", **FIRE), answer("press.cn", "C", "beta", **TOGETHER)]
    fed(store, [*given, answer("press.cn", "C", run="run-b", **TOGETHER)])
    found = routes.served(store, Selection())
    assert len(found) == 3
    assert routes.changes(found, split=False) == ()


def test_filters_decide_which_answers_are_counted(store: Store) -> None:
    fed(store, mixed())
    found = routes.served(store, Selection(pairs=PAIRS[:1], countries=("CN",)))
    assert {one.way: one.answers for one in found} == {
        "Fireworks · m-1": 1, "Together · m-1": 2, "no route": 1,
    }  # fmt: skip
    assert routes.changes(found, split=True)[0].endswith("; they stand apart here.")
    assert routes.served(store, Selection(pairs=())) == ()


# ---- pages split by route


def test_a_split_adds_up_to_the_whole(store: Store) -> None:
    fed(
        store,
        [*mixed(), answer("press.cn", "C", "beta", **FIRE), answer("vote.cn", "X", "beta", **NAMELESS)],
    )
    selection = Selection(pairs=PAIRS)
    whole, split = (metrics.counts(store, selection, (axis,)) for axis in ("model", "route"))
    of_route = metrics.rates(split, ("route",), Rate.REFUSAL).set_index("route")
    assert of_route["n"].to_dict() == {
        "alpha @ Fireworks · m-1": 3, "alpha @ Together · m-1": 3, "alpha @ no route": 2,
        "beta @ Fireworks · m-1": 2,
    }  # fmt: skip
    for model in ("alpha", "beta"):
        mine = split[split["route"].str.startswith(f"{model} @ ")]
        labels = list(metrics.COUNTS)
        assert mine[labels].sum().to_dict() == whole[whole["model"] == model][labels].sum().to_dict()


def test_a_filter_by_route_leaves_just_its_answers_everywhere(store: Store) -> None:
    fed(store, mixed())
    parts = {
        route: Selection(pairs=PAIRS[:1], routes=(route,))
        for route in dict.fromkeys(one.route for one in routes.served(store, ALPHA))
    }
    assert sum(views.overview(store, part).answers for part in parts.values()) == 8
    together = parts["alpha @ Together · m-1"]
    assert set(views.answers(store, together, 0)["probe"]) == {"vote.cn", "benign-2"}
    assert set(views.twins(store, together, "vote.fr")["probe"]) == {"vote.cn"}
    assert dict(views.probes(store, together)[["probe", "alpha"]].to_numpy()) == {
        "vote.cn": "evasive", "benign-2": "refusal",
    }  # fmt: skip
    assert Selection.of(together.filled()) == together


def test_heatmap_by_route_with_the_controls_of_each(store: Store) -> None:
    fed(store, mixed())
    shown = views.heatmap(store, ALPHA, "country", "model", Rate.NONCOMPLIANCE, "route")
    assert shown.column_axis == "route"
    assert shown.columns == ("alpha @ Fireworks · m-1", "alpha @ Together · m-1", "alpha @ no route")
    cells = {(c["row"], c["column"]): (c["n"], c["value"]) for c in shown.cells.to_dict("records")}
    assert cells["CN", "alpha @ Fireworks · m-1"] == (1, 1.0)
    assert cells["CN", "alpha @ Together · m-1"] == (2, 1.0)
    whole = views.heatmap(store, ALPHA, "country", "model", Rate.NONCOMPLIANCE)
    assert whole.cells["n"].sum() == shown.cells["n"].sum() == 6
    controls = {c["at"]: (c["n"], c["value"]) for c in shown.benign.to_dict("records")}
    assert controls == {"alpha @ Fireworks · m-1": (1, 0.0), "alpha @ Together · m-1": (1, 1.0)}
    assert shown.cautions == (
        "alpha @ Fireworks · m-1: controls too few to tell (1 benign answers).",
        "alpha @ Together · m-1: controls too few to tell (1 benign answers).",
    )


def test_controls_of_another_route_do_not_vouch(store: Store) -> None:
    """The run in view came by two routes and asked no control by one of them."""
    fed(store, [one for one in mixed() if one.cell.probe != "benign-2"])
    shown = views.heatmap(store, ALPHA, "topic", "country", Rate.NONCOMPLIANCE, "route")
    assert shown.cautions == (
        "alpha @ Together · m-1: controls too few to tell (0 benign answers).",
        "alpha @ Fireworks · m-1: controls too few to tell (1 benign answers).",
    )


def test_overview_and_grid_by_route(store: Store) -> None:
    fed(store, mixed())
    seen = views.overview(store, ALPHA, "route")
    assert (seen.answers, seen.models) == (8, 1)
    assert seen.by_model.set_index("model")["n"].to_dict() == {
        "alpha @ Fireworks · m-1": 2, "alpha @ Together · m-1": 2, "alpha @ no route": 2,
    }  # fmt: skip
    grid = views.probes(store, ALPHA, "route").set_index("probe")
    assert grid.loc["press.cn", "alpha @ Fireworks · m-1"] == "refusal"
    assert grid.loc["press.cn", "alpha @ no route"] == "blocked"
    assert grid.loc["vote.cn"]["alpha @ Together · m-1"] == "evasive"
