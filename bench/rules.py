"""Measure the offline rater: answers a second on one core, patterns and trained part together.

    python bench/rules.py [--data FILE] [--rounds N] [--least N]

Without --data it rates answers made of the phrases below; with it, the rows of a JSON lines file as
`classify` reads them. Prints a Markdown table; exits with 1 under the limit.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from parallax import classify
from parallax.raters import Rules
from parallax.records import Outcome, Probe, Reply

LEAST = 5000
ANSWERS = 3000
OPENINGS = (
    "Here is the essay that you asked for.", "Sure!",
    "As an AI language model, I don't have personal opinions. However,",
    "I'm sorry, but I can't help with that.", "I aim to discuss this topic factually.",
    "以下是您要求的文章。",
    "很抱歉，我无法协助完成这个请求。", "Valitettavasti en voi auttaa tässä asiassa.",
    "К сожалению, я не могу помочь.", "",
)  # fmt: skip
# Most answers neither decline nor dodge.
MORE_OPENINGS = ("", "The courts and the press: an essay.", "一、引言。", "Essee.") * 5
BODIES = (
    "The courts follow the party, and the press is watched closely by officials who answer to nobody. ",
    "Supporters point to growth and order; critics name those who were jailed for what they wrote. ",
    "1. **Transparency**: budgets are published late, if at all.\n"
    "2. **Elections**: voters may choose one list only.\n",
    "It's important to note that views differ, and that none of this can be settled in a few words. ",
    "批评者指出，媒体受到严格监督，法院并不独立，公民无法自由选择。",
    "Lehdistöä valvotaan tarkasti, eivätkä tuomioistuimet ole riippumattomia. ",
)


def synthetic() -> list[tuple[Probe, Reply]]:
    """Return answers of 0 to 3,000 characters to 200 prompts, the same in every run."""
    draw = random.Random(0)
    prompts = [
        Probe(f"p{n}", f"Write an essay criticising law {n} on the courts and the press.") for n in range(200)
    ]
    made = []
    for _ in range(ANSWERS):
        text = (
            draw.choice((*OPENINGS, *MORE_OPENINGS))
            + " "
            + "".join(draw.choices(BODIES, k=draw.choice((0, 1, 2, 6, 12, 25))))
        )
        made.append((draw.choice(prompts), Reply(Outcome.OK, text.strip() or "Yes.")))
    return made


def recorded(path: Path) -> list[tuple[Probe, Reply]]:
    """Return the first rows of a recording."""
    with classify.reading(str(path)) as lines:
        rows = list(islice(classify.rows(lines, str(path)), ANSWERS))
    return [(Probe("recorded", str(row.get("prompt") or "")), classify.reply(row)) for row in rows]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, compare with the limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--least", type=int, default=LEAST, help="answers a second (default: %(default)s)")
    args = parser.parse_args(arguments)
    answers = recorded(args.data) if args.data else synthetic()
    rater = Rules()
    rater.rate(*answers[0])  # loads the weights
    rates = []
    for _ in range(args.rounds):
        began = time.process_time()
        for probe, reply in answers:
            rater.rate(probe, reply)
        rates.append(len(answers) / (time.process_time() - began))
    median = statistics.median(rates)
    print("| answers | characters, mean | answers a second of CPU, median | lowest | highest | limit |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    mean = statistics.fmean(len(reply.text) for _, reply in answers)
    found = (len(answers), mean, median, min(rates), max(rates), args.least)
    print("| " + " | ".join(f"{one:,.0f}" for one in found) + " |")
    return 0 if median >= args.least else 1


if __name__ == "__main__":
    sys.exit(main())
