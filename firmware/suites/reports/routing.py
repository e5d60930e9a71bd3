"""Which interrupts came, from which state to whom, and what translations came to: by manifests and consoles alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from ....isa.model.items import Description
from ..making.manifest import CaseManifest
from ..running.results import failed_steps
from .outcome import Reported

_TOLD: Final = re.compile(r"^(?:not )?ok (\d+)", re.MULTILINE)
_TO_HYP: Final = 0x100
"""Added to a vector's offset by the Arm library where Hyp mode takes it."""
_CAUSES: Final = ("NO_TRANSLATION", "PROTECTION", "NO_EXECUTE", "CLASS_KEY", "IS_STORE")
"""Of Power's storage interrupts: constants of the description that are bits of DSISR, the first three also of SRR1."""


@dataclass(frozen=True)
class Routing:
    """`interrupts`: by name and route, how often each came; `translations`: what a storage interrupt told of."""

    interrupts: dict[str, dict[str, int]]
    translations: dict[str, int]

    @property
    def routes(self) -> list[str]:
        """All that came."""
        return sorted({route for counts in self.interrupts.values() for route in counts})


def routing_of(run: Reported, description: Description) -> Routing:
    """Of the tests that were run, as far as each came."""
    interrupts: dict[str, Counter[str]] = {}
    translations: Counter[str] = Counter()
    for words in _steps(run):
        trap = words.get("trap")
        if not trap:
            continue
        name = _name(description, trap)
        interrupts.setdefault(name, Counter())[_route(description, words, trap)] += 1
        status = _status(description, name, words)
        if status:
            translations[f"{name.replace('_', ' ')}: {status}"] += 1
    ordered = {name: dict(counts) for name, counts in sorted(interrupts.items())}
    return Routing(ordered, dict(sorted(translations.items())))


def _steps(run: Reported) -> Iterator[dict[str, int]]:
    """The words that each step came to, as far as they are compared."""
    entries = {one.name: one for one in run.suite.manifest.tests}
    for result in run.results:
        entry = entries[result.test]
        if entry.load is not None:
            continue
        manifest = msgspec.json.decode((run.suite.folder / entry.manifest).read_bytes(), type=CaseManifest)
        told = {int(number) for number in _TOLD.findall(result.run.console)}
        failed = {one.number: one for one in failed_steps(result.run.console)}
        for number, step in enumerate(manifest.steps, 1):
            if number in told:
                words = {one["word"]: int(one["value"], 16) for one in step.expected}
                differences = failed[number].differences if number in failed else ()
                yield words | {one.word: one.came for one in differences}


def _name(description: Description, trap: int) -> str:
    offset = trap & ~_TO_HYP if description.name == "arm" else trap
    names = [name for name, one in description.interrupts.items() if one.vector == offset]
    return names[0] if names else f"vector {offset:#x}"


def _route(description: Description, words: dict[str, int], trap: int) -> str:
    """From the state that was interrupted, to whom."""
    if description.name == "arm":
        to = "to Hyp mode" if trap & _TO_HYP else "to PL1"
        spsr = words.get("spsr")
        if spsr is None:
            return to
        user = description.enums["processor_mode"].members["usr"]
        return f"from PL0 {to}" if spsr & 0x1F == user else f"from PL1 {to}"
    srr1 = words.get("srr1")
    if srr1 is None:
        return "to the partition"
    bits = description.bitfields.get(description.registers["MSR"].type_name)
    fields = [*description.registers["MSR"].fields, *(bits.fields if bits is not None else ())]
    low = next(one.low for one in fields if one.name == "PR")
    return "from problem state" if srr1 >> low & 1 else "from privileged state"


def _status(description: Description, name: str, words: dict[str, int]) -> str:
    """What a storage interrupt or an abort tells of its cause."""
    if description.name == "arm":
        return f"FSR {words['fsr']:#x}" if "abort" in name and "fsr" in words else ""
    if name not in ("data_storage", "instruction_storage"):
        return ""
    value = words.get("dsisr" if name == "data_storage" else "srr1")
    if value is None:
        return ""
    causes_of = _CAUSES if name == "data_storage" else _CAUSES[:3]
    known = {one: description.constants[one].value for one in causes_of if one in description.constants}
    causes = [one.lower().replace("_", " ") for one, bits in known.items() if value & bits]
    return ", ".join(causes) or f"{value:#x}"
