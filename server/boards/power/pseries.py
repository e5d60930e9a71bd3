"""`pseries`: a logical partition under the KVM Book3S HV model, with user space's half of PAPR.

Boot state as QEMU's board gives it to a kernel without firmware: real mode, r3 the device tree, r5 zero, the other
vcpus stopped until RTAS start-cpu. Machines and verdicts: docs/reference/machines.md.
"""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import ClassVar, Final

from msgspec.structs import replace

from ....isa.model.items import Description
from ...hv.book3s.kvm import Book3sKvm
from ...hv.book3s.partition.real_mode import limits
from ...hv.book3s.thread.statistics import KVM_STATISTICS
from ...hv.book3s.vcpu import Book3sVcpu
from ...hv.book3s.vm import Book3sOptions
from ...hv.exits import Exit, Mmio, MpState, PaprHcall
from ...hv.kvm import Interrupt
from ...loading.guest import Guest
from ...loading.places import Piece, room_for
from ...machine import events
from ...machine.bus import Unclaimed
from ...machine.dtb import flatten
from ...machine.elf import LoadedElf
from ...machine.fdt import DeviceTree, FdtError
from ...machine.given_tree import check_memory, check_page_table, check_tokens, complete_chosen
from ...machine.nvram import NVRAM_SIZE, Nvram
from ...machine.pseries_fdt import BASE_4K, BASE_16M, BASE_64K, PseriesBoard, PseriesCpu, Rtas, pseries_fdt
from ...machine.ram import ByteOrder
from ...tree.hardware import Hardware
from ...tree.levels import Partition
from ...tree.vcpu import MachineVcpu
from ...verdict import Outcome, Verdict
from ..booting import BootProtocol, Placed, place_initrd, put_blob
from ..devices import DEBUG_EXIT, UART, OnBus, debug_exit, serial_port
from ..machine import Machine, MachineOptions
from ..statistics import Statistics
from .papr.calls import PaprCalls
from .papr.random_numbers import RandomNumbers
from .papr.rtas import RtasServices, rtas_stub, rtas_tokens
from .papr.xics import Xics
from .power_boot import POWER_BOOT, power_orders, refuse_flash, usual_hpt_order

TERMINAL: Final = 0x7100_0000
IO_BUS: Final = 0x8000_0000, 1 << 30
"""Logical number and window, in bytes, of the one I/O bus: as of QEMU's first PCI host bridge. It has no devices."""
_LOW_MEMORY: Final = 0x1000_0000
"""What a kernel reaches before it has set up translation: the first segment, and the 970's real mode area at most."""
_INITRD: Final = 32 << 20
"""Where an initial RAM disk goes, unless the program reaches further: a kernel unpacks itself below."""
_HYPERTAS: Final = (
    "hcall-pft",
    "hcall-term",
    "hcall-dabr",
    "hcall-interrupt",
    "hcall-splpar",
    "hcall-bulk",
    "hcall-sprg0",
    "hcall-copy",
    "hcall-debug",
    "hcall-random",
    "hcall-set-mode",
)


class PseriesMachine(Machine):
    """See the module."""

    NAME: ClassVar[str] = "pseries"
    SUMMARY: ClassVar[str] = "Power partition under the KVM Book3S HV model"
    BOOT: ClassVar[BootProtocol] = POWER_BOOT
    CORES: ClassVar[tuple[str, ...]] = ("power7", "ppc970")
    RAM_SIZE: ClassVar[int] = 256 << 20
    HOST: ClassVar[str] = "KVM Book3S HV"
    MOST_THREADS: ClassVar[int] = 4

    def __init__(
        self,
        description: Description,
        guest: Guest | LoadedElf,
        options: MachineOptions,
        partition: Book3sOptions | None = None,
        arriving: Path | None = None,
        host: Book3sKvm | None = None,
        beside: Machine | None = None,
    ) -> None:
        """`arriving`: a file that a VM was saved in, which goes on here; nothing is loaded then. `host`: another
        machine's, whose cores this partition shares; else the machine has one of its own. `beside`: see `Machine`."""
        super().__init__(description, guest, options, beside)
        order = options.hpt_order or usual_hpt_order(self.ram.size)
        virtual = "ISA206" in description.features and not options.rma
        self.kvm = host or Book3sKvm(
            description,
            Hardware(description, options.engine),
            threads=options.threads,
            rma_pool=() if virtual else (self.ram,),
            events=self.events,
            now=lambda: self.clock.now,
        )
        if host is not None and not virtual:
            host.offer_rma(self.ram)
        placed: Placed | None = None
        if arriving is None:
            self.vm = self.kvm.create_vm(replace(partition or Book3sOptions(), hpt_order=order))
            if not virtual:
                self.vm.allocate_rma()
            self.memory = self.vm.memory
            self.vm.set_user_memory_region(self.ram_slot)
            self.vm.create_spapr_tce(*IO_BUS)
            refuse_flash(self.guest, self.NAME)
            placed = self.load_guest()
            for number in range(options.vcpus):
                self.vm.create_vcpu(number)
        else:
            self.vm = self.kvm.restore_vm(arriving)
            self.memory = self.vm.memory
            self.ram_slot = self.memory.slots[0]
            self.ram = self.ram_slot.ram
        vcpus = self.vm.vcpus
        self.vm.prepare()
        self.vm.perform_accesses(self.user_space_devices())
        self.xics = Xics(options.vcpus, self._signal_external)
        self.rtas = RtasServices(
            core=vcpus[0].core,
            console=self.console,
            memory=self.memory,
            store=self._store,
            nvram=Nvram(),
            vcpu=self.vm.vcpu,
            now=lambda: datetime.timedelta(seconds=self.clock.ticks / self.ticks_per_second),
            power_off=self._power_off,
            reset=self._reset,
            panic=self._panic,
            start=self._start,
        )
        self.papr = PaprCalls(
            core=vcpus[0].core,
            console=self.console,
            terminal=TERMINAL,
            xics=self.xics,
            rtas=self.rtas,
            memory=self.memory,
            store=self._store,
            bus=self.bus,
            vcpus=vcpus,
            random=RandomNumbers(),
        )
        # What is typed belongs to the virtual terminal; there is no interrupt source for the 16550 either.
        port = serial_port(description, "uart16550", self.console)
        self.bus.attach(UART, OnBus(port, lambda: self.turns.current.number, size=0x1000))
        self.bus.attach(DEBUG_EXIT, debug_exit(description, self.leave, lambda: self.turns.current.number))
        papr = (call for call in description.hypercalls.values() if call.abi == "papr")
        self._call_names = {call.number: f"hcall {call.name}" for call in papr}
        self.ready(Partition(0, self.vm.vcores))
        self.parts = {"xics": self.xics, "rtas": self.rtas, "random": self.papr.random, "uart": port}
        if placed is not None:
            self._boot(vcpus, placed)
            self.given_registers()

    # Boot

    def orders(self) -> tuple[ByteOrder, ...]:
        """See `Machine`."""
        return power_orders(self.description)

    def _boot(self, vcpus: list[Book3sVcpu], placed: Placed) -> None:
        if self.guest.firmware is not None:
            put_blob(replace(self.guest.firmware, address=0), "--bios", self.places)
        top = min(self.ram_slot.end, _LOW_MEMORY)
        behind = self.places.end_of(0, top)
        initrd = place_initrd(self.guest, self.places, max(behind, min(_INITRD, top // 4)), top)
        tree = self._own_tree(placed, initrd, top) if self.guest.tree is None else self._given_tree(initrd)
        self.tree = flatten(tree)
        size = len(self.tree)
        tree_at = room_for("the device tree", size, self.places.highest(size, 0x1_0000, 0, top), 0, top)
        self.places.put(Piece("the device tree", tree_at, size, "make room below 256 MB"), self.tree)
        for vcpu in vcpus:
            # Also what is stopped is a partition's, so that a debugger sees the partition's memory through it.
            self._start(vcpu, 0, 0)
            vcpu.mp_state = MpState.STOPPED
        entry = placed.entry
        if entry is None:
            entry = self.description.interrupts["system_reset"].vector
        self._start(vcpus[0], entry, tree_at)
        if self.guest.firmware is None:
            vcpus[0].core.put_fields("MSR", LE=int(self.elf.order == "little"))
            vcpus[0].core.write("GPR", placed.table_of_contents or 0, 2)

    def _own_tree(self, placed: Placed, initrd: tuple[int, int] | None, top: int) -> DeviceTree:
        """The machine's tree, with its RTAS stub in memory."""
        stub = rtas_stub(self.description)
        at = room_for("the RTAS stub", 0x1000, self.places.highest(0x1000, 0x1000, 0, top), 0, top)
        self.places.put(Piece("the RTAS stub", at, 0x1000, "make room below 256 MB"), stub)
        kernel = placed.kernel if self.guest.firmware is not None else None
        return pseries_fdt(self._board(at, len(stub), initrd, kernel))

    def _given_tree(self, initrd: tuple[int, int] | None) -> DeviceTree:
        """The user's tree, with the RTAS stub where it says."""
        given = self.guest.tree
        assert given is not None
        check_memory(given.tree, given.path, 0, self.ram.size)
        check_page_table(given.tree, given.path, self.vm.hpt_order)
        check_tokens(given.tree, given.path, rtas_tokens(self.description))
        complete_chosen(given.tree, self.options.bootargs, initrd)
        rtas = next((one for one in given.tree.root.children if one.name == "rtas"), None)
        if rtas is not None and "linux,rtas-entry" in rtas.properties:
            stub = rtas_stub(self.description)
            (at,) = rtas.cells("linux,rtas-entry")
            if "rtas-size" in rtas.properties and rtas.cells("rtas-size")[0] < len(stub):
                raise FdtError(
                    f"{given.path}: its rtas-size is {rtas.cells('rtas-size')[0]}, and the stub has {len(stub)} bytes",
                    "make it larger, or leave linux,rtas-base and linux,rtas-entry out",
                )
            self.places.put(Piece(f"the RTAS stub of {given.path}", at, len(stub), "change linux,rtas-entry"), stub)
        return given.tree

    def _board(
        self, rtas_at: int, stub_size: int, initrd: tuple[int, int] | None, kernel: tuple[int, int] | None
    ) -> PseriesBoard:
        description = self.description
        power7 = "ISA206" in description.features
        cpu = PseriesCpu(
            node_name="PowerPC,POWER7" if power7 else "PowerPC,970",
            pvr=description.registers["PVR"].reset,
            slb_size=description.constants["SLB_ENTRIES"].value,
            timebase_hz=self.ticks_per_second,
            clock_hz=int(self.ticks_per_second * self.clock.instructions_per_tick),
            page_sizes=(BASE_4K, BASE_64K, BASE_16M) if power7 else (BASE_4K,),
            segment_shifts=(28, 40) if power7 else (28,),
            vmx_level=2 if power7 else 1,
            dfp=power7,
        )
        return PseriesBoard(
            ram_size=self.ram.size,
            cpu=cpu,
            rtas=Rtas(rtas_at, stub_size, rtas_at, rtas_tokens(description)),
            hypertas_functions=_HYPERTAS,
            hpt_order=self.vm.hpt_order,
            cores=self.options.vcpus // self.options.threads,
            threads=self.options.threads,
            bootargs=self.options.bootargs,
            initrd=initrd,
            nvram_size=NVRAM_SIZE,
            random_numbers=True,
            kernel=kernel,
            rma_size=self._real_mode_area(),
            debug_exit=(DEBUG_EXIT, 0x1000),
        )

    def _real_mode_area(self) -> int | None:
        """Bytes that real mode reaches, where that is less than there is memory."""
        if not self.vm.is_rma(self.ram):
            return None
        limits_of = limits(self.vm.vcpus[0].core).values()
        size = max(limit for limit in limits_of if limit <= self.ram.size)
        return size if size < self.ram.size else None

    def _start(self, vcpu: MachineVcpu, address: int, r3: int) -> None:
        """A vcpu begins in real mode at `address`."""
        assert isinstance(vcpu, Book3sVcpu)
        vcpu.reset()
        core = vcpu.core
        core.put("MSR", 0)
        core.put_fields("MSR", SF=1, ME=1)
        for n in range(core.register("GPR").count):
            core.write("GPR", 0, n)
        core.write("GPR", r3, 3)
        core.pc = address
        vcpu.mp_state = MpState.RUNNABLE

    # Exits

    def answer(self, vcpu: MachineVcpu, left: Exit) -> Verdict | None:
        """PAPR calls and accesses to devices."""
        assert isinstance(vcpu, Book3sVcpu)
        if isinstance(left, PaprHcall):
            results = self.papr.call(vcpu, left.number, left.arguments)
            self._publish_hcall(vcpu, left, results)
            vcpu.complete_hcall(results)
        elif isinstance(left, Mmio):
            done = self.access_device(left, vcpu.number)
            if isinstance(done, Unclaimed):
                return Verdict(Outcome.DIED, f"vcpu {vcpu.number} at pc {vcpu.core.pc:#x}: {done}")
            vcpu.complete_mmio(done)
        return self.verdict

    def _publish_hcall(self, vcpu: MachineVcpu, left: PaprHcall, results: tuple[int, ...]) -> None:
        name = self._call_names.get(left.number)
        if name is None:
            self.count_unknown("hcall", left.number)
            name = f"hcall {left.number:#x}"
        else:
            self.exits[name] += 1
        if events.Hcall in self.events.wanted:
            now, name = self.clock.now, name.removeprefix("hcall ")
            self.events.publish(events.Hcall(now, vcpu.number, left.number, name, left.arguments, results, "user"))

    def statistics(self) -> Statistics:
        """Also what never leaves the model: calls of real mode and of the kernel, and KVM's own counters."""
        figures = super().statistics()
        found = Counter(figures.exits)
        for number, count in self.vm.calls().items():
            found[self._call_names.get(number, f"hcall {number:#x}")] += count
        for vcpu in self.vm.vcpus:
            found.update({name: getattr(vcpu.statistics, name) for name in KVM_STATISTICS})
        return replace(figures, exits={name: count for name, count in found.most_common() if count})

    def switched_to(self, vcpu: MachineVcpu | None) -> None:
        """The vcpu that ran stops running, this one starts (None: another partition's): their yield counts say so."""
        if vcpu is not None:
            super().switched_to(vcpu)
        before, self._running = self._running, vcpu
        for one, runs in ((before, False), (vcpu, True)):
            if isinstance(one, Book3sVcpu):
                one.areas.set_running(runs)

    _running: MachineVcpu | None = None

    # What the model's user space is connected to

    def core_address(self, address: int) -> int:
        """Where the model has put the guest's memory in the host."""
        return self.vm.host_address(address)

    def _store(self, real: int, data: bytes) -> None:
        """Writes partition memory; code that was decoded from there is dropped. Raises NoMemoryError."""
        self.memory.require(real, len(data))
        self.vm.vcpus[0].core.engine.write_physical_memory(self.vm.host_address(real), data)

    def _signal_external(self, server: int, level: bool) -> None:
        vcpu = self.vm.vcpu(server)
        if vcpu is not None:
            vcpu.interrupt(Interrupt.SET_LEVEL if level else Interrupt.UNSET)

    def _power_off(self, how: str) -> None:
        self.verdict = self.said.at_power_off(how)

    def _reset(self, how: str) -> None:
        self.verdict = self.said.at_reset(how)

    def _panic(self, message: str) -> None:
        self.verdict = Verdict(Outcome.DIED, f"the guest gave up (ibm,os-term): {message}")
