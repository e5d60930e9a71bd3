"""QEMU's command line, as far as unittests.cfg files use it: what a machine of Trapline's needs to know of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_NOTHING: Final = {"-nodefaults": 0, "-nographic": 0, "-display": 1, "-serial": 1, "-vga": 1, "-no-reboot": 0,
                   "-monitor": 1, "-no-shutdown": 0, "-accel": 1}  # fmt: skip
"""Options that change nothing that a test sees, and how many words belong to each."""
_SIZE: Final = re.compile(r"(\d+)([kKmMgG]?)[bB]?")
_CORES: Final = {
    "power7": ("power7", "power7_v2.3", "power7_v2.1"),
    "ppc970": ("970", "970fx", "970mp", "970_v2.2", "970fx_v3.1", "970mp_v1.1"),
    "armv7ve": ("cortex-a15", "cortex-a7"),
}
"""QEMU's names for what the cores are."""
_HARMLESS: Final = {"gic-version": ("2",), "accel": ("tcg", "kvm"), "usb": ("off",), "virtualization": ("off",)}
"""Options of -machine that say what is the case anyway."""


class NotHereError(Exception):
    """An option that asks for what no machine here has; its text says what."""


@dataclass
class Asked:
    """What was asked for; 0 and empty: nothing."""

    memory: int = 0
    vcpus: int = 0
    threads: int = 0
    append: list[str] = field(default_factory=list)
    initrd: str = ""
    bios: str = ""


def read_options(words: list[str], core: str, machine: str) -> Asked:
    """Understands the words.  Raises NotHereError."""
    asked = Asked()
    at = 0

    def value() -> str:
        nonlocal at
        at += 1
        if at >= len(words):
            raise NotHereError(f"{words[at - 1]} without a value")
        return words[at]

    while at < len(words):
        word = words[at]
        option = f"-{word.lstrip('-')}"
        if option in _NOTHING:
            at += _NOTHING[option]
        elif option == "-append":
            asked.append.append(value())
        elif option == "-m":
            asked.memory = mebibytes(value())
        elif option == "-smp":
            asked.vcpus, asked.threads = processors(value())
        elif option == "-initrd":
            asked.initrd = value()
        elif option == "-bios":
            asked.bios = value()
        elif option == "-cpu":
            _check_core(value(), core)
        elif option in ("-machine", "-M"):
            _check_machine(value(), machine)
        else:
            raise NotHereError(f"{word} {words[at + 1]}" if at + 1 < len(words) else word)
        at += 1
    return asked


def mebibytes(text: str) -> int:
    """Of -m; without a letter it is MiB."""
    size = text.split(",")[0].removeprefix("size=")
    found = _SIZE.fullmatch(size)
    if found is None:
        raise NotHereError(f"-m {text}")
    number, unit = int(found[1]), found[2].lower() or "m"
    return max(1, number * {"k": 1, "m": 1 << 10, "g": 1 << 20}[unit] >> 10)


def processors(text: str) -> tuple[int, int]:
    """Of -smp: how many, and threads of a core."""
    count, threads = 1, 1
    for part in text.split(","):
        name, _, number = part.rpartition("=")
        if not number.strip().isdigit():
            raise NotHereError(f"-smp {text}")
        if name in ("", "cpus"):
            count = int(number)
        elif name == "threads":
            threads = int(number)
    return count, threads


def _check_core(name: str, core: str) -> None:
    plain = name.split(",")[0].lower()
    if plain not in ("host", "max", core.lower(), *_CORES.get(core, ())):
        raise NotHereError(f"-cpu {name}")


def _check_machine(text: str, machine: str) -> None:
    names = {"pseries": ("pseries",), "arm-virt": ("virt",), "arm-kvm": ("virt",)}.get(machine, ())
    for part in text.split(","):
        name, has, value = part.partition("=")
        if not has or name == "type":
            plain = value if has else name
            if plain not in names:
                raise NotHereError(f"-machine {plain}")
        elif (
            value in _HARMLESS.get(name, ())
            or (name.startswith("cap-") and value in ("off", "broken"))
            or (name == "virtualization" and value == "on" and machine == "arm-virt")
        ):
            continue
        else:
            raise NotHereError(f"-machine {part}")
