"""ARCHITECTURE's import direction and budgets, read from the source itself."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULE_LINES = 400
FUNCTION_LINES = 60
PAGE_LINES = 80

# Who may import whom within parallax. A new module is placed here, on purpose, or the test fails.
ALLOWED: dict[str, str] = {
    # what everything speaks
    "": "api",
    "records": "",
    "errors": "",
    "stats": "",
    "topics": "",
    "countries": "",
    "patterns": "",
    "loopback": "",
    "spreadsheets": "",
    "config": "records errors",
    # asking: plan, providers, raters, runner, worker
    "models": "records errors config",
    "probes": "records errors config countries topics",
    "costs": "records",
    "budget": "records errors costs",
    "plan": "records errors config models probes budget",
    "limits": "records costs",
    "parts": "records limits budget plan",
    "gates": "",
    "routing": "records errors config plan",
    "charges": "records",
    "turns": "",
    "calls": "records routing charges turns",
    "providers": "records errors config plan routing calls charges turns",
    "languages": "",
    "reading": "patterns",
    "signs": "patterns reading",
    "asking": "patterns reading",
    "ngrams": "",
    "features": "reading asking signs ngrams patterns",
    "linear": "languages asking ngrams features",
    "raters": "records errors config plan routing reading ngrams features linear patterns signs",
    "classify": "records errors routing raters",
    "runner": "records errors config costs budget plan parts gates lag limits routing raters",
    "judge": "records runner",
    "judging": "records errors config budget plan runner cache judge shards spool providers",
    "passes": "records errors config costs detached judge judging models spool store",
    "review": "records errors store",
    "agreement": "records stats store",
    "rerating": "records raters spool shards store",
    "facts": "records",
    "stateline": "records facts",
    "labelsets": "records errors probes shards spool spreadsheets",
    "lag": "turns",
    "notes": "",
    "spool": "records errors plan",
    "cache": "records errors config routing runner shards",
    "shards": "records errors plan spool",
    "tally": "records plan spool",
    "terminal": "tally",
    "strays": "",
    "crew": "records errors config notes plan spool shards tally",
    "worker": "records errors config models budget notes plan parts gates raters runner spool shards"
    " providers crew cache tally",
    # reading: store, metrics, views, exports
    "store": "records errors facts languages plan spool shards stateline topics",
    "metrics": "records errors countries routes store stats",
    "measures": "records errors agreement countries languages metrics stats store",
    "routes": "records errors store",
    "views": "records errors countries topics store stats metrics measures agreement routes spreadsheets",
    "figures": "records countries topics stats metrics views",
    "exports": "records errors store stats metrics views spreadsheets",
    "exporting": "errors config dashboard exports spool store",
    "tickets": "exports",
    "reports": "errors countries exports figures metrics store",
    "api": "errors config exporting exports jobs",
    "library": "records errors probes store",
    "coverage": "records topics stats",
    # the processes around both
    "local": "records errors config",
    "serve": "records errors config local loopback",
    "forking": "errors config parts providers signs worker",
    "jobs": "records errors config costs detached models notes plan spool store tally",
    "samples": "records errors config plan spool shards store",
    "detached": "config spool",
    "errands": "config detached errors spool",
    "importers": "records errors config countries classify plan raters routing shards spool spreadsheets"
    " tally",
    "dashboard": "records errors config exports loopback spool",
    "web": "records errors config dashboard exports stats store tickets",
    "demo": "records errors config jobs local loopback models plan probes serve",
    "study": "records errors config demo jobs local models plan probes samples spool",
    "store_commands": "errors config costs exporting exports reports judge judging labelsets models passes"
    " records rerating spool store terminal views",
    "drift": "errors config exporting exports metrics spool store store_commands terminal",
    "import_commands": "config errands errors importers store_commands terminal",
    "cli": "records errors config classify costs demo drift import_commands jobs models parts plan probes"
    " providers spool store_commands strays tally terminal worker",
    "__main__": "cli",
}

# Who alone may import a package: paths of the repository, a folder with its slash.
SOLE_IMPORTERS = {
    "duckdb": ("parallax/store/", "bench/"),
    "starlette": ("parallax/web.py",),
    "litellm": ("parallax/providers.py", "bench/calls/bare.py"),
    "rich": ("parallax/terminal.py",),
    "sklearn": ("training/",),
    "plotly": ("pages/_ui/", "parallax/figures/"),
    "streamlit": ("app.py", "pages/", "bench/"),
}
DASHBOARD_MODULES = ("parallax.web", "parallax.views", "parallax.jobs", "parallax.exports")
CONTAINMENT = {("parallax/providers.py", "ask"), ("parallax/store/ingest.py", "_read")}
UNSAFE_IMPORTS = {"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
UNSAFE_CALLS = {"eval", "exec", "yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load"}


class Source(NamedTuple):
    """A file of the repository, read and parsed."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


class Import(NamedTuple):
    """A module that a file imports, by its full name, and the line that does it."""

    module: str
    line: int


@cache
def sources(*patterns: str) -> tuple[Source, ...]:
    found = sorted({path for pattern in patterns for path in ROOT.glob(pattern)})
    texts = [(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in found]
    return tuple(Source(name, text, ast.parse(text)) for name, text in texts)


def engine() -> tuple[Source, ...]:
    return sources("parallax/**/*.py")


def interface() -> tuple[Source, ...]:
    return sources("app.py", "pages/**/*.py")


@cache
def imports(source: Source) -> tuple[Import, ...]:
    """Return what a file imports anywhere in it; `from a import b` gives both `a` and `a.b`."""
    return tuple(_imports(source))


def _imports(source: Source) -> Iterator[Import]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{source.path}:{node.lineno}: a relative import"
            yield Import(str(node.module), node.lineno)
            yield from (Import(f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def place(path: str) -> str:
    """Return the name that a file has in `ALLOWED`: `store` for all of the store, '' for the package."""
    head = path.removeprefix("parallax/").removesuffix(".py").partition("/")[0]
    return "" if head == "__init__" else head


def ours(module: str) -> str | None:
    """Return the place of `parallax.x` or anything in it, None for a module that is not ours."""
    head, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    return name if head == "parallax" and name in ALLOWED else None


@cache
def edges() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in ALLOWED}
    for source in engine():
        here = place(source.path)
        targets = {ours(one.module) for one in imports(source)} - {None, here, ""}
        found.setdefault(here, set()).update(str(target) for target in targets)
    return found


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_module_has_a_place_in_the_table() -> None:
    assert {place(source.path) for source in engine()} == set(ALLOWED)


@pytest.mark.parametrize("module", ALLOWED)
def test_module_imports_only_leftwards(module: str) -> None:
    assert edges()[module] <= set(ALLOWED[module].split())


def test_table_has_no_cycle() -> None:
    # the package itself imports its interface only when somebody asks for that
    left = {name: set(allowed.split()) for name, allowed in ALLOWED.items() if name}
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"these import each other: {left}"


def test_modules_of_the_store_import_each_other_without_a_cycle() -> None:
    inside = {source.path: source for source in sources("parallax/store/*.py")}
    names = {path.removesuffix(".py").replace("/", "."): path for path in inside}
    needs = {
        path: {names[one.module] for one in imports(source) if one.module in names} - {path}
        for path, source in inside.items()
    }
    while free := [path for path, wanted in needs.items() if not wanted & needs.keys()]:
        for path in free:
            del needs[path]
    assert not needs, f"these import each other: {needs}"


@pytest.mark.parametrize("package", SOLE_IMPORTERS)
def test_package_is_imported_in_its_one_place(package: str) -> None:
    strays = [
        f"{source.path}:{one.line}"
        for source in (*engine(), *interface(), *sources("bench/**/*.py"))
        if not source.path.startswith(SOLE_IMPORTERS[package])
        for one in imports(source)
        if one.module.partition(".")[0] == package
    ]
    assert strays == []


def test_only_config_reads_the_environment() -> None:
    readers = set()
    for source in (*engine(), *interface()):
        named = {ast.unparse(node) for node in ast.walk(source.tree) if isinstance(node, ast.Attribute)}
        taken = {one.module for one in imports(source)}
        if (named | taken) & {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"}:
            readers.add(source.path)
    assert readers == {"parallax/config.py"}


def test_the_dashboard_imports_neither_litellm_nor_streamlit_through_the_engine() -> None:
    of_pages = {one.module for source in interface() for one in imports(source)}
    named = {*DASHBOARD_MODULES, *(f"parallax.{ours(m)}" for m in of_pages if ours(m))}
    modules = sorted(named - {"parallax.figures"})  # the charts themselves
    code = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps([name for name in ('litellm', 'streamlit', 'plotly') if name in sys.modules]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *modules], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == []


def test_a_worker_imports_nothing_heavy_before_it_asks() -> None:
    code = (
        "import json, sys\n"
        "from parallax import cli\n"
        "assert cli.main(['worker', 'no-such-run']) == 2\n"
        "heavy = ('duckdb', 'litellm', 'pandas', 'streamlit', 'yaml')\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (json.loads(ran.stdout), "no-such-run" in ran.stderr) == ([], True)


@pytest.mark.parametrize(
    ("patterns", "most"),
    [
        (("parallax/**/*.py", "pages/_ui/**/*.py", "app.py"), MODULE_LINES),
        (("pages/*.py",), PAGE_LINES),
        (("tests/**/*.py", "bench/**/*.py"), MODULE_LINES),
    ],
)
def test_modules_stay_within_their_budget(patterns: tuple[str, ...], most: int) -> None:
    over = {source.path: source.lines for source in sources(*patterns) if source.lines > most}
    assert over == {}


def test_functions_stay_within_their_budget() -> None:
    over = {
        f"{source.path}:{one.lineno} {one.name}": length
        for source in (*engine(), *interface(), *sources("tests/**/*.py", "bench/**/*.py"))
        for one in functions(source.tree)
        if (length := (one.end_lineno or 0) - one.lineno + 1) > FUNCTION_LINES
    }
    assert over == {}


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {one.id for one in caught if isinstance(one, ast.Name)}
    reraised = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
    return handler.type is None or "Exception" in names or ("BaseException" in names and not reraised)


def test_everything_is_caught_at_the_two_containment_points_only() -> None:
    found = set()
    for source in (*engine(), *interface()):
        owner = {id(n): one.name for one in functions(source.tree) for n in ast.walk(one)}
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ExceptHandler) and _catches_everything(node):
                found.add((source.path, owner.get(id(node), "")))
    assert found == CONTAINMENT


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def test_whatever_is_public_says_what_it_is_for() -> None:
    silent = [source.path for source in engine() if not ast.get_docstring(source.tree)]
    for source in engine():
        missing = (node for node in _public(source.tree) if not ast.get_docstring(node))
        silent += [f"{source.path}:{node.lineno} {node.name}" for node in missing]
    assert silent == []


def test_nothing_runs_what_it_reads() -> None:
    found = []
    for source in (*engine(), *interface(), *sources("bench/**/*.py")):
        found += [f"{source.path}:{i.line} {i.module}" for i in imports(source) if i.module in UNSAFE_IMPORTS]
        calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
        found += [f"{source.path}:{c.lineno}" for c in calls if ast.unparse(c.func) in UNSAFE_CALLS]
        found += [f"{source.path}:{c.lineno}" for c in calls if ast.unparse(c.func).endswith("read_pickle")]
    assert found == []


def test_engine_and_pages_hold_no_note_of_unfinished_work() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error")
    found = [
        f"{source.path}:{number}"
        for source in (*engine(), *interface())
        for number, line in enumerate(source.text.splitlines(), start=1)
        if any(mark in line for mark in marks)
    ]
    assert found == []
