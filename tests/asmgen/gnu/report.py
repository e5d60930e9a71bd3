"""Compare with GNU as, and say what differs: `python -m trapline.tests.asmgen.gnu.report [KIND…] [-k TEXT] [-v]`.

KIND is objects (the corpus through `-c`), linked (the corpus in one step), c (gcc's output), generated, all by default.
Each case is one line: ok, differs, refused; `-v` prints the differences. Ends with 1 if one is not ok.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from trapline.isa.errors import TraplineError

from ...oracle.objects.ours import Refusal
from ...oracle.require import OracleError
from . import compiled, corpus, generated

_Check = Callable[[], list[str]]


def _cases(kind: str) -> Iterator[tuple[str, _Check]]:
    if kind == "c":
        for path in compiled.files():
            for one in compiled.some(path):
                yield f"c {one.name}", partial(_compiled, one)
        return
    if kind == "generated":
        for drawn in generated.KINDS:
            units = generated.generate(drawn, 1, 5_000)
            yield f"generated {drawn.name}", partial(generated.found_differences, drawn, units)
        return
    check = corpus.object_differences if kind == "objects" else corpus.linked_differences
    for case in corpus.cases() if kind == "objects" else corpus.linkable():
        yield f"{kind} {case.name}", partial(check, case)


def _compiled(case: compiled.Compilation) -> list[str]:
    return compiled.compare(case).differences


def _outcome(check: _Check) -> tuple[str, list[str]]:
    try:
        found = check()
    except Refusal as refusal:
        return "refused", str(refusal).splitlines()
    except OracleError as error:
        return "oracle", str(error).splitlines()
    except (TraplineError, ValueError, KeyError, IndexError, AttributeError, TypeError, AssertionError) as error:
        return "broken", [f"{type(error).__name__}: {error}"]
    return ("differs" if found else "ok"), found


def main() -> int:
    """Run, print, and return the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("kinds", nargs="*", default=["objects", "linked", "c", "generated"])
    options.add_argument("-k", dest="text", default="", help="only cases whose name has this text")
    options.add_argument("-v", dest="verbose", action="store_true", help="print what differs")
    options.add_argument("-n", dest="lines", type=int, default=12, help="lines printed of each")
    chosen = options.parse_args()
    count: Counter[str] = Counter()
    for kind in chosen.kinds:
        for name, check in _cases(kind):
            if chosen.text not in name:
                continue
            outcome, lines = _outcome(check)
            count[f"{kind} {outcome}"] += 1
            print(f"{outcome:8} {name}" + (f"  [{lines[0][:110]}]" if lines and not chosen.verbose else ""))
            if chosen.verbose:
                print("".join(f"      {line}\n" for line in lines[: chosen.lines]), end="")
    print(dict(count))
    return 0 if all(name.endswith(" ok") for name in count) else 1


if __name__ == "__main__":
    sys.exit(main())
