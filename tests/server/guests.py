"""Small guests for the machines' tests, assembled from the descriptions, and how to run them."""

from functools import cache

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core
from trapline.isa.model.items import Description
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.power.pseries import PseriesMachine
from trapline.server.boards.registry import build_machine
from trapline.server.hv.book3s.vm import Book3sOptions
from trapline.server.machine.elf import LoadedElf, parse_elf

POWER_BASE = 0
ARM_BASE = 0x4001_0000
RAM = 64 << 20


@cache
def description(core: str) -> Description:
    """The shipped description of a core."""
    return load_core(core)


@cache
def guest(text: str, core: str, base: int) -> LoadedElf:
    """A program at `base` whose entry is `_start`."""
    image = assemble([Source("guest.s", text)], target_for(description(core)), Layout(base=base))
    return parse_elf(image.elf, "guest.elf")


def number(name: str, core: str = "power7") -> int:
    """A hypercall's number, or a return code, by its name."""
    found = description(core)
    for call in found.hypercalls.values():
        if call.name == name:
            return call.number
    for abi in found.abis.values():
        if name in abi.return_codes:
            return abi.return_codes[name].value
    raise KeyError(name)


def load(register: int, value: int) -> str:
    """Power code that puts 64 bits into a register."""
    parts = [value >> shift & 0xFFFF for shift in (48, 32, 16, 0)]
    r = f"%r{register}"
    return f"""
        lis {r}, {parts[0]:#x}
        ori {r}, {r}, {parts[1]:#x}
        sldi {r}, {r}, 32
        oris {r}, {r}, {parts[2]:#x}
        ori {r}, {r}, {parts[3]:#x}
    """


def hcall(name: str, *arguments: int) -> str:
    """Power code for a hypervisor call with constant arguments from r4 on."""
    loads = "".join(load(4 + n, value) for n, value in enumerate(arguments))
    return load(3, number(name)) + loads + "sc 1\n"


def say(text: str) -> str:
    """Power code that prints up to sixteen characters on the virtual terminal."""
    data = text.encode()
    both = int.from_bytes(data.ljust(16, b"\0"), "big")
    return hcall("H_PUT_TERM_CHAR", 0, len(data), both >> 64, both & ((1 << 64) - 1))


def rtas(service: str, *arguments: int, results: int = 1, block: int = 0x3000) -> str:
    """Power code for an RTAS call by hypervisor call, its argument block at real address `block`."""
    words = [number(service), len(arguments), results, *arguments]
    stores = load(10, block)
    for n, word in enumerate(words):
        stores += load(9, word) + f"stw %r9, {4 * n}(%r10)\n"
    return stores + hcall("H_RTAS", block)


def power_off() -> str:
    """Power code that ends the partition."""
    return rtas("power_off", 0, 0)


def partition(
    code: str, vectors: str = "", core: str = "power7", vcpus: int = 1, hypervisor: Book3sOptions | None = None
) -> Machine:
    """A pseries machine with `code` at 0x4000; `vectors` may use `.org` for what stands below."""
    text = f"{vectors}\n.org 0x4000\n.globl _start\n_start:\n{code}\n1: b 1b\n"
    options = MachineOptions(vcpus=vcpus, ram_size=RAM, core=core)
    elf = guest(text, core, POWER_BASE)
    if hypervisor is not None:
        return PseriesMachine(description(core), elf, options, hypervisor)
    return build_machine(elf, "pseries", options)


def arm(code: str, machine: str, vcpus: int = 1) -> Machine:
    """An Arm machine with `code` at its entry point; `OFF` in it switches the machine off."""
    call = "smc #0" if machine == "arm-virt" else "hvc #0"
    off = f"movw r0, #{number('PSCI_SYSTEM_OFF', 'armv7ve') & 0xFFFF}\nmovt r0, #0x8400\n{call}\n"
    text = "_start:\n" + code.replace("OFF", off).replace("CALL", call) + "\n9: b 9b\n"
    return build_machine(guest(text, "armv7ve", ARM_BASE), machine, MachineOptions(vcpus=vcpus, ram_size=RAM))


def output(machine: Machine) -> bytearray:
    """Collects what the machine's console says from now on."""
    said = bytearray()
    machine.console.add_sink(said.extend)
    return said


def gpr(machine: Machine, register: int, vcpu: int = 0) -> int:
    """A general purpose register of a Power vcpu."""
    return machine.vcpus[vcpu].core.read("GPR", register)


def reg(machine: Machine, register: int, vcpu: int = 0) -> int:
    """A core register of an Arm vcpu."""
    return machine.vcpus[vcpu].core.read("R", register)
