"""Reads kvm-unit-tests' unittests.cfg: the tests that it names, as its own runner would run them.

What only a shell, another architecture or a machine that is not there could do makes a test that is skipped, with the
reason: nothing is left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ....isa.errors import TraplineError, reason_of
from .qemu_options import Asked, NotHereError, processors, read_options
from .shell_words import NotUnderstoodError, expanded, words_of

_SECTION: Final = re.compile(r"\[(.*)\]\s*$")
_KEY: Final = re.compile(r"([A-Za-z_]\w*)\s*=\s*(.*)$")
_TIME: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smh]?)")


@dataclass
class UnitTest:
    """One section. `skip` says why it cannot be run here."""

    name: str
    file: str = ""
    asked: Asked = field(default_factory=Asked)
    groups: tuple[str, ...] = ()
    seconds: float | None = None
    skip: str = ""


@dataclass(frozen=True)
class Setting:
    """What the tests are run with."""

    machine: str
    core: str
    arch: str
    accel: str
    most_vcpus: int
    now: int
    variables: Mapping[str, str]


def read_unittests(path: Path, setting: Setting) -> list[UnitTest]:
    """All tests of the file, in its order.  Raises TraplineError for a file that is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise TraplineError(f"{path}: {reason_of(error)}", "[unittests] config names kvm-unit-tests' file") from error
    sections = list(_sections(text))
    if not sections:
        raise TraplineError(f"{path}: it has no [test]", "[unittests] config names kvm-unit-tests' unittests.cfg")
    return [_test(name, keys, setting) for name, keys in sections]


def _sections(text: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    lines = iter(text.splitlines())
    for line in lines:
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        if (section := _SECTION.match(plain)) is not None:
            found.append((section[1].strip(), {}))
        elif (key := _KEY.match(plain)) is not None and found:
            value = key[2]
            if value.startswith('"""'):
                parts = [value[3:]]
                while '"""' not in parts[-1]:
                    more = next(lines, None)
                    if more is None:
                        break
                    parts.append(more.strip())
                value = " ".join(parts).replace('"""', "").replace("\\ ", " ").strip()
            found[-1][1][key[1]] = value
    return found


def _test(name: str, keys: dict[str, str], setting: Setting) -> UnitTest:
    test = UnitTest(name, groups=tuple(keys.get("groups", "").split()))
    variables = {"MAX_SMP": str(setting.most_vcpus), "ARCH": setting.arch, **setting.variables}
    try:
        test.file = expanded(keys.get("file", ""), variables, setting.now)
        test.seconds = _seconds(keys.get("timeout", ""))
        words: list[str] = []
        for key in ("extra_params", "qemu_params"):
            words += words_of(expanded(keys.get(key, ""), variables, setting.now))
        test.asked = read_options(words, setting.core, setting.machine)
        if keys.get("test_args"):
            given = expanded(keys["test_args"], variables, setting.now)
            test.asked.append.append(" ".join(words_of(given)) if given[:1] in "'\"" else given)
        if not test.asked.vcpus:
            test.asked.vcpus, test.asked.threads = processors(expanded(keys.get("smp", "1"), variables, setting.now))
        test.skip = _why_not(test, keys, setting)
    except NotUnderstoodError as error:
        test.skip = f"only a shell could expand {error}"
    except NotHereError as error:
        test.skip = f"no machine here has {error}"
    return test


def _why_not(test: UnitTest, keys: dict[str, str], setting: Setting) -> str:
    if not test.file:
        return "it names no file"
    if keys.get("arch", setting.arch) != setting.arch:
        return f"{keys['arch']} only"
    if keys.get("accel", setting.accel) != setting.accel:
        return f"{keys['accel']} only"
    machines = keys.get("machine", "").replace("|", " ").split()
    known = {"pseries": "pseries", "arm-virt": "virt", "arm-kvm": "virt"}.get(setting.machine, setting.machine)
    if machines and known not in machines:
        return f"machine {' or '.join(machines)} only"
    if keys.get("check"):
        return f"it asks for {keys['check']} on the host"
    if test.asked.vcpus > setting.most_vcpus:
        return f"it needs {test.asked.vcpus} vcpus; the machine has at most {setting.most_vcpus}"
    return ""


def _seconds(text: str) -> float | None:
    if not text:
        return None
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise NotUnderstoodError(f"timeout = {text}")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]
