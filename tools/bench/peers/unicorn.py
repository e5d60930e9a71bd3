"""Unicorn, a library made of QEMU's code generator; its Arm core only, without a machine around it."""

from __future__ import annotations

import importlib.util
import time

from ..architectures import ARM, Architecture
from ..catalogue import Kind
from ..programs import Counts, Program
from ..timing import Marks, PeerError, Round

_RAM, _RAM_SIZE = 0x40000000, 64 << 20
_UART, _UART_SIZE = 0x09000000, 0x1000  # what firmware/lib/virt.s prints to: DR at offset 0


class Unicorn:
    """Compute kernels under Unicorn 2. The driver's start-up code runs as it is; its SMC ends the run."""

    name = "unicorn"
    title = "Unicorn"
    scaled = False

    def missing(self, arch: Architecture) -> str | None:
        """See `Peer`."""
        if arch != ARM:
            return "Unicorn has no 64-bit Power core"
        if importlib.util.find_spec("unicorn") is None:
            return "the Python package unicorn is not installed (pip install 'trapline[test]')"
        return None

    def takes(self, program: Program) -> bool:
        """See `Peer`."""
        return program.kernel.kind is Kind.COMPUTE

    def run(self, program: Program, counts: Counts, seconds: float) -> list[Round]:
        """See `Peer`."""
        import unicorn
        from unicorn import arm_const

        marks = Marks(time.process_time)
        core = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        core.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_A15)
        core.mem_map(_RAM, _RAM_SIZE)
        ended = []

        def store(uc: unicorn.Uc, offset: int, size: int, value: int, _: object) -> None:
            if offset == 0:
                marks.feed(bytes([value & 0xFF]))

        def interrupt(uc: unicorn.Uc, number: int, _: object) -> None:
            ended.append(number)
            uc.emu_stop()

        core.mmio_map(_UART, _UART_SIZE, lambda uc, offset, size, _: 0, None, store, None)
        core.hook_add(unicorn.UC_HOOK_INTR, interrupt)
        loaded = program.loaded(counts)
        for segment in loaded.segments:
            core.mem_write(segment.physical, segment.data)
        try:
            core.emu_start(loaded.physical_entry, 0, timeout=int(seconds * 1_000_000))
        except unicorn.UcError as error:
            raise PeerError(f"Unicorn: {error}") from error
        if not ended:
            raise PeerError(f"it had not ended after {seconds:.0f} s")
        return marks.rounds(counts.rounds)
