"""What a partition asks of its machine besides the page table: NVRAM, the clock, pages, memory operations, dispatch."""

from __future__ import annotations

import pytest

from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.hv.book3s.thread.vpa import Structure
from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.machine.dtb import unflatten
from trapline.server.verdict import Outcome

from .guests import RAM, gpr, guest, hcall, load, number, partition, power_off, rtas
from .structures import layout

DOUBLEWORD = (1 << 64) - 1
PARAMETER = -4 & DOUBLEWORD
ENGINES = ("reference", "native")


def on(engine: str, code: str, vectors: str = "", core: str = "power7") -> Machine:
    """A partition on one of the engines, with `code` at 0x4000, after its end."""
    text = f"{vectors}\n.org 0x4000\n.globl _start\n_start:\n{code}\n{power_off()}\n1: b 1b\n"
    machine = build_machine(guest(text, core, 0), "pseries", MachineOptions(ram_size=RAM, core=core, engine=engine))
    machine.run(200_000)
    return machine


def kept(*registers: int) -> str:
    """Code that saves r3 and those that follow in r20 and on."""
    return "".join(f"mr %r{20 + n}, %r{register}\n" for n, register in enumerate(registers))


def word(register: int, address: int) -> str:
    """Code that loads a word of real memory."""
    return load(9, address) + f"lwz %r{register}, 0(%r9)\n"


def store(address: int, value: int) -> str:
    """Code that stores a doubleword to real memory."""
    return load(9, address) + load(10, value) + "std %r10, 0(%r9)\n"


def status(service: str, *arguments: int, results: int = 2, block: int = 0x3000) -> str:
    """An RTAS call whose status and first result go to r20 and r21."""
    done = block + 12 + 4 * len(arguments)
    return rtas(service, *arguments, results=results, block=block) + word(20, done) + word(21, done + 4)


def test_nvram_keeps_what_is_stored() -> None:
    """nvram-store and nvram-fetch copy between NVRAM and partition memory, and say how much."""
    code = store(0x10_0000, 0x1122334455667788) + rtas("nvram_store", 0x40, 0x10_0000, 8, results=2)
    code += status("nvram_fetch", 0x42, 0x11_0000, 4) + word(22, 0x11_0000)
    machine = on("reference", code)
    assert (gpr(machine, 20), gpr(machine, 21), gpr(machine, 22)) == (0, 4, 0x33445566)


@pytest.mark.parametrize("service", ["nvram_fetch", "nvram_store"])
@pytest.mark.parametrize("arguments", [(0xFFFF, 0x10_0000, 2), (0, 0xF000_0000, 4), (0, 0x10_0000, 0xFFFF_FFFF)])
def test_nvram_refuses_what_does_not_fit(service: str, arguments: tuple[int, int, int]) -> None:
    """Beyond its 64 KB, or where the partition has no memory: RTAS_PARAMETER, and nothing is copied."""
    machine = on("reference", status(service, *arguments))
    assert (gpr(machine, 20), gpr(machine, 21)) == (-3 & 0xFFFF_FFFF, 0)


def test_clock_goes_on_from_where_it_was_set() -> None:
    """get-time-of-day gives what set-time-of-day was told; a date that does not exist is refused."""
    code = rtas("set_time_of_day", 1999, 12, 31, 23, 59, 58, 0) + status("get_time_of_day", results=7)
    machine = on("reference", code)
    assert (gpr(machine, 20), gpr(machine, 21)) == (0, 1999)
    machine = on("reference", status("set_time_of_day", 2001, 2, 30, 0, 0, 0, 0, results=1))
    assert gpr(machine, 20) == -3 & 0xFFFF_FFFF


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("flags", "expected"), [(0x8000, 0), (0x4000, 0xABCD), (0xC000, 0xABCD), (0x40_8000, 0)])
def test_page_init_zeroes_or_copies_a_page(engine: str, flags: int, expected: int) -> None:
    """H_ZERO_PAGE and H_COPY_PAGE; a copy goes before a zeroing, other permitted flags change nothing."""
    code = store(0x10_0FF8, 0xABCD) + store(0x11_0FF8, 1) + hcall("H_PAGE_INIT", flags, 0x11_0000, 0x10_0000) + kept(3)
    machine = on(engine, code + load(9, 0x11_0FF8) + "ld %r21, 0(%r9)\n")
    assert (gpr(machine, 20), gpr(machine, 21)) == (0, expected)


@pytest.mark.parametrize(
    "arguments",
    [(1, 0x11_0000, 0), (0x8000, 0x11_0800, 0), (0x8000, 1 << 40, 0), (0x4000, 0x11_0000, 0x10), (0x4000, 0, 1 << 40)],
)
def test_page_init_refuses_bad_arguments(arguments: tuple[int, int, int]) -> None:
    """Unknown flags, addresses that are no page of the partition's."""
    assert gpr(on("reference", hcall("H_PAGE_INIT", *arguments) + kept(3)), 20) == PARAMETER


@pytest.mark.parametrize("engine", ENGINES)
def test_page_init_drops_the_code_that_was_there(engine: str) -> None:
    """A page that had run and is copied over runs as what it has become."""
    code = """
        bl changed
        mr %r20, %r3
    """ + hcall("H_PAGE_INIT", 0x4000, 0x8000, 0x9000) + """
        bl changed
        mr %r21, %r3
    """ + power_off() + """
    1:  b 1b
        .org 0x8000
    changed:
        li %r3, 1
        blr
        .org 0x9000
        li %r3, 2
        blr
    """
    machine = on(engine, code)
    assert (gpr(machine, 20), gpr(machine, 21)) == (1, 2)


def test_logical_memop_copies_and_inverts() -> None:
    """H_LOGICAL_MEMOP moves elements as if all were read first; operation 1 gives their complements."""
    code = store(0x10_0000, 0x0102030405060708) + hcall("H_LOGICAL_MEMOP", 0x10_0004, 0x10_0000, 2, 2, 0) + kept(3)
    code += load(9, 0x10_0004) + "ld %r21, 0(%r9)\n" + hcall("H_LOGICAL_MEMOP", 0x11_0000, 0x10_0000, 3, 1, 1)
    machine = on("reference", code + load(9, 0x11_0000) + "ld %r22, 0(%r9)\n")
    assert (gpr(machine, 20), gpr(machine, 21)) == (0, 0x0102030405060708)
    assert gpr(machine, 22) == 0x0102030401020304 ^ DOUBLEWORD


@pytest.mark.parametrize(
    "arguments", [(1, 0, 1, 1, 0), (0, 0, 9, 1, 0), (0, 0, 0, 1, 2), (0, 0, 0, 1 << 40, 0), (1 << 40, 0, 3, 1, 0)]
)
def test_logical_memop_refuses_bad_arguments(arguments: tuple[int, ...]) -> None:
    """Alignment, element size, operation, a count without end, a place where nothing is."""
    assert gpr(on("reference", hcall("H_LOGICAL_MEMOP", *arguments) + kept(3)), 20) == PARAMETER


@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_yield_count_moves_over_a_cede(core: str) -> None:
    """With one vcpu, too: it stops running when it cedes, and starts when the decrementer wakes it. Even: it runs.

    The first entry behind the registration makes it one, and counts.
    """
    place = 0x10_0000
    count = Structure.of(load_core(core), "vpa").offsets["YIELD_COUNT"]
    code = store(place, 0x280) + load(9, place) + "li %r10, 640\nsth %r10, 4(%r9)\n"
    code += hcall("H_REGISTER_VPA", 1 << 45, 0, place)
    code += load(9, 5000) + "mtdec %r9\n" + hcall("H_CEDE") + word(20, place + count)
    # The decrementer's interrupt goes back to where it came from.
    machine = partition(code + power_off(), ".org 0x900\nlis %r13, 0x7fff\nmtdec %r13\nrfid\n", core)
    assert machine.run(100_000).outcome is not Outcome.BUDGET
    assert gpr(machine, 20) == 4
    vcpu = machine.vcpus[0]
    assert isinstance(vcpu, Book3sVcpu)
    assert not vcpu.areas.running, "its last call has left the partition for good"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_branch_trace_follows_each_branch(engine: str, core: str) -> None:
    """MSR.BE: a trace interrupt after every branch, taken or not, and after nothing else; SRR0 is where it went."""
    handler = """
        .org 0xD00
        addi %r20, %r20, 1
        mfsrr0 %r12
        add %r21, %r21, %r12
        rfid
    """
    code = load(9, 0x9000000000001200) + load(10, 0x6000) + """
        mtsrr1 %r9
        mtsrr0 %r10
        li %r20, 0
        li %r21, 0
        cmpwi %r20, 1
        rfid
        .org 0x6000
        nop
        b 3f
        nop
        nop
    3:  beq 3b
        addi %r22, %r22, 1
        bl 4f
        nop
        nop
    4:  li %r9, 2
        mtctr %r9
        bdnz 5f
        nop
    5:  li %r9, 0
        mtmsrd %r9, 1
    """ + load(9, 0x9000000000001000) + "mtmsrd %r9\nb 2f\n2:\n"
    machine = on(engine, code, handler, core)
    # b, beq (not taken), bl, bdnz; what follows mtmsrd is not traced.
    assert gpr(machine, 20) == 4
    assert gpr(machine, 21) == 0x6010 + 0x6014 + 0x6024 + 0x6034


@pytest.mark.parametrize("engine", ENGINES)
def test_lswx_wraps_to_r0(engine: str) -> None:
    """`lswx r31, 0, rB` of eight bytes loads r31 and r0: r0 is no base here. With a base among them it is illegal."""
    code = store(0x10_0000, 0x0102030405060708) + load(5, 0x10_0000) + "li %r6, 8\nmtxer %r6\n"
    machine = on(engine, code + "lswx %r31, 0, %r5\nmr %r20, %r31\nmr %r21, %r0\n")
    assert (gpr(machine, 20), gpr(machine, 21)) == (0x01020304, 0x05060708)
    illegal = ".org 0x700\nli %r22, 7\nmfsrr0 %r9\naddi %r9, %r9, 4\nmtsrr0 %r9\nrfid\n"
    # No assembler writes it.
    invalid = layout("lswx").compose(RT=7, RA=7, RB=5).uint
    machine = on(engine, code + f"li %r22, 0\nli %r7, 0\n.long {invalid}\n", illegal)
    assert gpr(machine, 22) == 7


def test_processor_number_is_in_pir() -> None:
    """PIR is the vcpu's number, as QEMU's pseries machine has it."""
    machine = partition("1: b 1b", vcpus=3)
    assert [vcpu.core.read("PIR") for vcpu in machine.vcpus] == [0, 1, 2]
    assert number("H_LOGICAL_MEMOP") == 0xF001


LITTLE_ENDIAN_CALL = ".org 0xC00\n.long 0x0100A03A, 0x2400004C\n"
"""At the vector of a system call, in little-endian order: li r21, 1; rfid."""


@pytest.mark.parametrize("engine", ENGINES)
def test_set_mode_has_interrupts_taken_in_the_other_byte_order(engine: str) -> None:
    """H_SET_MODE sets LPCR.ILE of each processor: the handler is little-endian code, and rfid restores MSR.LE.

    Back again, the same vector is big-endian: 0x0100A03A is no instruction.
    """
    machine = on(engine, hcall("H_SET_MODE", 1, 4, 0, 0) + kept(3) + "sc\n" + "mfmsr %r22\n", LITTLE_ENDIAN_CALL)
    assert (gpr(machine, 20), gpr(machine, 21), gpr(machine, 22) & 1) == (0, 1, 0)
    assert all(vcpu.core.field("LPCR", "ILE") for vcpu in machine.vcpus)
    code = hcall("H_SET_MODE", 1, 4, 0, 0) + hcall("H_SET_MODE", 0, 4, 0, 0) + kept(3) + "sc\n"
    machine = on(engine, code, ".org 0x700\nli %r21, 7\nb .\n" + LITTLE_ENDIAN_CALL)
    assert (gpr(machine, 20), gpr(machine, 21)) == (0, 7)


@pytest.mark.parametrize(
    ("arguments", "core", "refusal"),
    [
        ((2, 4, 0, 0), "power7", "H_UNSUPPORTED_FLAG"),
        ((1, 4, 1, 0), "power7", "H_P3"),
        ((1, 4, 0, 1), "power7", "H_P4"),
        ((0, 3, 0, 0), "power7", "H_P2"),
        ((0, 1, 0x4000, 0), "power7", "H_P2"),
        ((1, 4, 0, 0), "ppc970", "H_P2"),
    ],
)
def test_set_mode_refuses_what_the_processor_does_not_have(
    arguments: tuple[int, ...], core: str, refusal: str
) -> None:
    """Breakpoints and relocated interrupts came with Power ISA 2.07; the 970 has one byte order."""
    machine = on("reference", hcall("H_SET_MODE", *arguments) + kept(3), core=core)
    assert gpr(machine, 20) == number(refusal, core) & DOUBLEWORD


def test_random_numbers_differ_and_are_those_of_the_last_run() -> None:
    """H_RANDOM gives another number each time; a second machine gets the same ones."""
    code = hcall("H_RANDOM") + kept(3, 4) + hcall("H_RANDOM") + "mr %r22, %r4\n"
    first, second = (on("reference", code) for _ in range(2))
    numbers = [gpr(first, n) for n in (20, 21, 22)]
    assert numbers == [gpr(second, n) for n in (20, 21, 22)]
    assert numbers[0] == 0
    assert len({0, *numbers[1:], numbers[1] & 0xFFFFFFFF, numbers[2] & 0xFFFFFFFF}) == 5


def test_a_partition_is_told_of_what_it_may_ask() -> None:
    """The tree has the generator of random numbers, decimal floating point, and the names of the calls."""
    machine = on("reference", "nop\n")
    assert machine.tree is not None
    tree = unflatten(machine.tree)
    names = tree.find("/rtas").strings("ibm,hypertas-functions")
    assert {"hcall-random", "hcall-set-mode"} <= set(names)
    assert tree.find("/ibm,platform-facilities/ibm,random-v1").strings("compatible") == ("ibm,random",)
    assert tree.find("/cpus/PowerPC,POWER7@0").cells("ibm,dfp") == (1,)
