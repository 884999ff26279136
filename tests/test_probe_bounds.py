"""Bounds of time and memory for large files, good and hostile."""

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from parallax import config, probes

# generous, for a busy machine; what is guarded against takes minutes
SECONDS = 30
MEMORY = 1_000_000_000
TABLE = "id,prompt\n"
HEAD = "id: x\ntitle: T\nversion: v1\nlicense: CC-BY-4.0\nauthor: A\n"
Make = Callable[[], str | bytes]

BIG: dict[str, tuple[str, Make]] = {
    "50,000 rows that are much alike": (
        "a.csv",
        lambda: TABLE + "".join(f"p{n},What is the number {n} of this list?\n" for n in range(50_000)),
    ),
    "long prompts that are much alike": (
        "a.csv",
        lambda: TABLE + "".join(f"p{n},{'lorem ipsum dolor ' * 1_000}{n}\n" for n in range(1_000)),
    ),
    "prompts at the length that is compared": (
        "a.csv",
        lambda: TABLE + "".join(f"p{n},{f'{n} ' * 90}\n" for n in range(1_000, 4_000)),
    ),
    "20 MB in an old encoding": (
        "a.csv",
        lambda: (TABLE + "".join(f"p{n},{n} Größe für König {'é' * 380}\n" for n in range(45_000))).encode(
            "cp1252"
        ),
    ),
}


HOSTILE: dict[str, tuple[str, Make, str]] = {
    "values in a YAML list": (
        "a.yaml",
        lambda: f"{HEAD}probes: [{('[' + '1,' * 9_000 + '],') * 300}]",
        "line 6: holds more than 750,000 values; split it into several sets",
    ),
    "values in a JSON list": (
        "a.jsonl",
        lambda: f'{{"id": "a", "prompt": "x", "facts": [{"1," * 900_000}1]}}',
        "line 1: holds more than 10,000 values; split it",
    ),
    "objects in a JSON list": (
        "a.jsonl",
        lambda: f'{{"id": "a", "prompt": "x", "facts": [{"{}," * 6_000_000}1]}}',
        "line 1: has 18,000,040 characters; at most 2,000,000 are allowed",
    ),
}


@pytest.mark.parametrize(("name", "make"), BIG.values(), ids=list(BIG))
def test_a_large_good_file_is_read_in_time(name: str, make: Make) -> None:
    made = make()
    started = time.monotonic()
    reading = probes.read(name, made if isinstance(made, bytes) else made.encode())
    assert time.monotonic() - started < SECONDS
    assert reading.faults == ()


CHILD = f"""\
import resource, sys
from parallax import probes
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {MEMORY}, used + {MEMORY}))
for fault in probes.read(sys.argv[1], sys.stdin.buffer.read()).faults:
    print(fault)
"""


@pytest.mark.parametrize(("name", "make", "said"), HOSTILE.values(), ids=list(HOSTILE))
def test_tiny_values_do_not_fill_the_memory(name: str, make: Make, said: str) -> None:
    made = make()
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, name],
        input=made if isinstance(made, bytes) else made.encode(),
        capture_output=True,
        cwd=config.ROOT,
        timeout=SECONDS,
        check=False,
    )
    assert (ran.returncode, ran.stdout.decode(), ran.stderr.decode()) == (0, f"{said}\n", "")
