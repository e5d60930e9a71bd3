"""Claims about `stepi` on real machines: it lands where the architecture, or the hypervisor model, continues."""

from dataclasses import dataclass

import pytest

from trapline.firmware.catalogue import build, find_guest
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import parse_elf
from trapline.server.rsp.client import RspClient
from trapline.server.rsp.server import GdbServer
from trapline.server.target import MachineTarget

from ..rsp.serving import serving
from .conftest import RunGdb
from .machines import ARM_KVM, ARM_VIRT, POWER_BARE, PSERIES, Board, serve

pytestmark = pytest.mark.gdb


@dataclass(frozen=True)
class Landing:
    """After `setup`, one step from `start` lands at `lands`, both expressions of gdb's."""

    board: Board
    name: str
    start: str
    lands: str
    setup: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.board.name}, {self.name}"


MSR_DR = 0x10
MSR_HV = 1 << 60
H_GET_TERM_CHAR = 0x54
PSCI_VERSION = 0x84000000
RETURNING = ("set $srr0 = inner", "set $srr1 = $msr")
RETURNING_ARM = ("set $lr = after_movs", "set $spsr_svc.value = $cpsr")
SEGMENT = ("set $pc = trap_slbmte", "set $r4 = 0xd8000001", "set $r5 = 0x123000", "stepi", "set $r3 = 0xd0000010")
TRANSLATED = f"set $msr = $msr | {MSR_DR}"

POWER = [
    Landing(PSERIES, "a handled hcall", "trap_hcall", "after_hcall", (f"set $r3 = {H_GET_TERM_CHAR}",)),
    Landing(PSERIES, "an unknown hcall", "trap_hcall", "after_hcall", ("set $r3 = 0x7ffc",)),
    Landing(PSERIES, "sc 0 is the partition's", "trap_system_call", "0xc00"),
    Landing(PSERIES, "rfid", "trap_rfid", "inner", RETURNING),
    Landing(PSERIES, "hrfid is privileged beyond a partition", "trap_hrfid", "0x700"),
    Landing(PSERIES, "an illegal instruction is reflected", "trap_illegal", "0x700"),
    Landing(PSERIES, "a load beyond memory", "trap_load", "0x300", ("set $r3 = 0x4000000",)),
    Landing(PSERIES, "a load without a segment", "trap_load", "0x380", ("set $r3 = 0xd0000010", TRANSLATED)),
    Landing(PSERIES, "a load without a page", "trap_load", "0x300", (*SEGMENT, TRANSLATED)),
    Landing(POWER_BARE, "sc 1 is the hypervisor's own", "trap_hcall", "0xc00"),
    Landing(POWER_BARE, "sc 0", "trap_system_call", "0xc00"),
    Landing(POWER_BARE, "rfid", "trap_rfid", "inner", RETURNING),
    Landing(
        POWER_BARE,
        "hrfid into a partition",
        "trap_hrfid",
        "inner",
        ("set $hsrr0 = inner", f"set $hsrr1 = $msr & ~{MSR_HV}"),
    ),
    Landing(POWER_BARE, "emulation assistance for an illegal one", "trap_illegal", "0xe40"),
    Landing(POWER_BARE, "a load without a segment", "trap_load", "0x380", ("set $r3 = 0xd0000010", TRANSLATED)),
    Landing(POWER_BARE, "a load without a page", "trap_load", "0x300", (*SEGMENT, TRANSLATED)),
]


def _arm(board: Board) -> list[Landing]:
    return [
        Landing(board, "svc", "trap_svc", "vectors+8"),
        Landing(board, "movs pc, lr", "trap_movs", "after_movs", RETURNING_ARM),
        Landing(board, "rfe", "trap_rfe", "after_rfe", ("set $r1 = &returned",)),
        Landing(board, "an undefined instruction", "trap_illegal", "vectors+4"),
        Landing(board, "a load where nothing is", "trap_load", "vectors+16", ("set $r1 = 0x20000000",)),
        Landing(board, "bx to T32", "trap_interworking", "thumb_larger", ("set $r1 = (int)&thumb_larger + 1",)),
        Landing(board, "bx to A32", "trap_interworking", "inner", ("set $r1 = inner",)),
    ]


ARM = [
    *_arm(ARM_VIRT),
    *_arm(ARM_KVM),
    Landing(ARM_VIRT, "hvc enters Hyp mode", "trap_hvc", "hyp_vectors+0x14"),
    Landing(ARM_VIRT, "eret comes back from it", "trap_hvc", "after_hvc+4", ("set $pc = trap_hvc", "stepi", "stepi")),
    Landing(ARM_KVM, "the model handles hvc", "trap_hvc", "after_hvc", (f"set $r0 = {PSCI_VERSION}",)),
]


@pytest.mark.parametrize("case", [*POWER, *ARM], ids=str)
def test_a_step_lands_at_the_architected_address(run_gdb: RunGdb, case: Landing) -> None:
    """One `stepi`; Arm's eret starts from where the setup has gone."""
    go = () if case.name.startswith("eret") else (f"set $pc = {case.start}",)
    with serve(case.board) as server:
        output = run_gdb(
            server,
            "break store",
            "continue",
            "delete",
            *case.setup,
            *go,
            "stepi",
            "x/i $pc",
            f'printf "landed %d\\n", (long)$pc == (long)({_address(case.lands)})',
        )
    assert output.errors == []
    assert "landed 1" in output.text, output.last_instruction


def _address(expression: str) -> str:
    """A label of code that is no function needs its address taken."""
    return f"(char *)&{expression}" if expression[0].isalpha() else expression


@pytest.mark.parametrize("board", [PSERIES, POWER_BARE], ids=lambda board: board.name)
def test_an_atomic_sequence_is_stepped_through_on_power(board: Board) -> None:
    """Each packet one instruction, and the reservation stays: `stdcx.` succeeds the first time."""
    pc = 0x40
    symbols = board.elf().symbols
    with serve(board) as server, RspClient(server.address) as client:
        client.handshake()
        assert client.ask(b"P%x=%016x" % (pc, symbols["trap_reserve"])) == b"OK"
        seen = [_step(client, pc) for _ in range(6)]
    assert seen[-1] == symbols["after_reserve"]
    assert seen[1:3] == [symbols["reserve_again"], symbols["reserve_again"] + 4]


@pytest.mark.parametrize("board", [ARM_VIRT, ARM_KVM], ids=lambda board: board.name)
def test_an_exclusive_sequence_is_stepped_through_on_arm(run_gdb: RunGdb, board: Board) -> None:
    """`strex` succeeds the first time: a step does not clear the monitor."""
    with serve(board) as server:
        output = run_gdb(server, "break store", "continue", "delete", "set $pc = trap_reserve", "stepi 6", "p $r3")
    assert output.errors == []
    assert "after_reserve ()" in output.text
    assert "$1 = 0" in output.text


def _step(client: RspClient, pc: int) -> int:
    assert client.ask(b"vCont;s:p1.1").startswith(b"T05")
    return int(client.ask(b"p%x" % pc), 16)


@pytest.mark.parametrize("board", [ARM_VIRT, ARM_KVM], ids=lambda board: board.name)
def test_t32_is_stepped_through_an_it_block_and_back(run_gdb: RunGdb, board: Board) -> None:
    """Every instruction of the block is a step, also the one whose condition fails; `bx lr` comes back to A32."""
    with serve(board) as server:
        output = run_gdb(server, "break thumb_larger", "continue", *["x/i $pc", "stepi"] * 6, "x/i $pc")
    assert output.errors == []
    shown = [line.split("\t", 1)[1] for line in output.text.splitlines() if line.startswith("=>")]
    assert [text.split()[0] for text in shown] == ["cmp", "ite", "movlt", "movge", "bx", "mov", "pop"]


def _bundled(name: str) -> MachineTarget:
    guest = find_guest(name)
    elf = parse_elf(build(guest).elf, f"{name}.elf")
    return MachineTarget(lambda: build_machine(elf, guest.machine))


def _step_at(run_gdb: RunGdb, server: GdbServer, label: str, *after: str) -> str:
    output = run_gdb(server, f"break {label}", "continue", "stepi", "info symbol $pc", *after)
    assert output.errors == []
    return output.text


def test_a_load_through_an_absent_entry_completes(run_gdb: RunGdb) -> None:
    """The hypervisor plays the device: the step ends behind the load, with the device's answer in its register."""
    with serving(_bundled("power_mmio")) as server:
        text = _step_at(run_gdb, server, "load", "p/x $r27", "p/x $pc - (long)&load")
    assert "$1 = 0x60" in text
    assert "$2 = 0x4" in text


def test_a_load_that_stage_2_does_not_map_steps_into_hyp_mode(run_gdb: RunGdb) -> None:
    """Under a host that is guest code: its trap vector, with the syndrome of a data abort from below."""
    with serving(_bundled("arm_hyp")) as server:
        text = _step_at(run_gdb, server, "guest_load", "p/x $hsr.fields.EC", "p/x $pc - (int)&hyp_vectors")
    assert "$1 = 0x24" in text
    assert "$2 = 0x14" in text
