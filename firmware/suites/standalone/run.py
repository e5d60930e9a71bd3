#!/usr/bin/env python3
"""Runs this built suite without Trapline: needs Python 3.8 or later and what the command names, nothing else.

    python3 run.py                                  # on QEMU, by the machine that suite.json names
    python3 run.py --command 'my-runner {elf}'      # on whatever prints the guest's console
    python3 run.py --tests 'H_READ-*' -j 4

Each test prints TAP. A test passes if its plan is complete and every point is ok. Exit status 0: all passed.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
QEMU = {
    "pseries": "qemu-system-ppc64 -M pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off,"
    "cap-hpt-max-page-size=16m -cpu {cpu} -m {memory} -smp {vcpus} -vga none -nodefaults -display none -serial stdio "
    "-object rng-builtin,id=random -device spapr-rng,rng=random -accel tcg,thread=single -bios {elf} "
    "-device loader,file={elf},cpu-num=0",
    "arm-virt": "qemu-system-arm -M virt,virtualization=on -cpu {cpu} -m {memory} -smp {vcpus} -nodefaults "
    "-display none -serial stdio -accel tcg,thread=single -kernel {elf}",
    "arm-kvm": "qemu-system-arm -M virt -cpu {cpu} -m {memory} -smp {vcpus} -nodefaults "
    "-display none -serial stdio -accel tcg,thread=single -kernel {elf}",
}
"""How QEMU is started for each of Trapline's machines; hardware threads are processors there."""
QEMU_CORES = {"ppc970": "970", "armv7ve": "cortex-a15"}
"""QEMU's names of cores, where they are others."""
_DIFFERENCE = re.compile(r"\{word: ([\w.]+), expected: (0x[0-9a-f]+), came: (0x[0-9a-f]+), mask: (0x[0-9a-f]+)\}")


def placeholders(elf: str, core: str, memory: int, vcpus: int) -> dict[str, str]:
    """What stands for `{elf}` and others in a command."""
    cpu = QEMU_CORES.get(core, core)
    return {"elf": elf, "core": core, "cpu": cpu, "memory": str(memory), "vcpus": str(vcpus)}


def filled(word: str, places: Mapping[str, str]) -> str:
    """A word of a command; other braces are its own."""
    for name, value in places.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def judge(console: str) -> str | None:
    """None: passed; else what is wrong."""
    plan = re.search(r"^1\.\.(\d+)\r?$", console, re.MULTILINE)
    if plan is None:
        return "it printed no plan"
    failed = re.search(r"^not ok .*$", console, re.MULTILINE)
    if failed is not None:
        return failed[0].strip()
    done = len(re.findall(r"^ok \d+", console, re.MULTILINE))
    return None if done == int(plan[1]) else f"{done} of {plan[1]} steps were reported"


def known_failure(known: Iterable[Mapping[str, Any]], test: str, target: str, outcome: str, console: str) -> str | None:
    """Why a test is known to fail as it did: the `reason` of one of the suite's `expected_failures`, if one fits.

    Where that says how tests differ, each difference that this one tells of has to be among them.
    """
    told = [
        f"{word} {int(expected, 16) & int(mask, 16):#x} {int(came, 16) & int(mask, 16):#x}"
        for word, expected, came, mask in _DIFFERENCE.findall(console)
    ] or [outcome]
    for one in known:
        if fnmatch.fnmatchcase(test, one["tests"]) and fnmatch.fnmatchcase(target, one["target"]):
            ways = one.get("differs", ())
            fits = all(any(fnmatch.fnmatchcase(word, way) for way in ways) for word in told)
            if not ways or (outcome != "passed" and fits):
                return str(one["reason"])
    return None


def run(test: dict[str, Any], suite: dict[str, Any], command: str, seconds: float) -> tuple[str, str | None, str]:
    """A test's outcome, what is wrong with it (None: nothing), and its console."""
    machine = suite["machine"]
    places = placeholders(str(FOLDER / test["elf"]), machine["core"], machine["memory"], machine["vcpus"])
    words = [filled(word, places) for word in shlex.split(command)]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b"").decode(errors="replace")
        wrong = judge(said)
        return ("timeout" if wrong else "passed"), wrong and f"not over after {seconds:.0f} s: {wrong}", said
    except OSError as error:
        sys.exit(f"cannot run {words[0]}: {error.strerror}")
    said = done.stdout.decode(errors="replace")
    wrong = judge(said)
    if wrong is not None and done.returncode:
        wrong += f" (status {done.returncode}: {done.stderr.decode(errors='replace').strip()[-200:]})"
    return ("failed" if wrong else "passed"), wrong, said


def main() -> int:
    """Runs what the command line names."""
    suite = json.loads((FOLDER / "suite.json").read_text())
    parser = argparse.ArgumentParser(description=f"{suite['suite']}: {suite['title']}")
    parser.add_argument("--command", help="what runs a test: {elf} becomes its file; standard output is its console")
    parser.add_argument("--tests", default="*", help="which, by glob")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    given = parser.parse_args()
    command = given.command or QEMU.get(suite["machine"]["name"])
    if command is None:
        sys.exit(f"QEMU has no machine for {suite['machine']['name']}: give --command")
    tests = [one for one in suite["tests"] if fnmatch.fnmatch(one["name"], given.tests)]
    known = suite["expected_failures"]
    target = "command" if given.command else "qemu"
    failed = 0
    print(f"TAP version 14\n1..{len(tests)}")
    with ThreadPoolExecutor(given.jobs) as pool:
        ends = pool.map(lambda test: run(test, suite, command, suite["limits"]["seconds"]), tests)
        for number, (outcome, wrong, said) in enumerate(ends, 1):
            test = tests[number - 1]
            reason = known_failure(known, test["name"], target, outcome, said)
            todo = f" # TODO {reason}" if reason else ""
            failed += wrong is not None and reason is None
            print(f"{'ok' if wrong is None else 'not ok'} {number} - {test['name']}{todo}")
            if wrong is not None:
                print(f"  ---\n  reason: {json.dumps(wrong)}\n  ...")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
