"""What a debugger changes in a machine, as values: they can be done again, and written to a file."""

from __future__ import annotations

import msgspec

from ..boards.machine import Machine


class PutRegister(msgspec.Struct, frozen=True, tag="register"):
    """A register takes a value, as somebody outside writes it; "" is the program counter."""

    vcpu: int
    register: str
    index: int | None
    value: bytes
    """Little-endian: a register may have 128 bits."""

    def apply(self, machine: Machine) -> object:
        """Does it, perhaps again. Raises TraplineError."""
        core, value = machine.vcpus[self.vcpu].core, int.from_bytes(self.value, "little")
        if self.register:
            core.put(self.register, value, self.index)
        else:
            core.pc = value
        return None


class PutMemory(msgspec.Struct, frozen=True, tag="memory"):
    """Bytes at physical addresses of a vcpu's core."""

    vcpu: int
    places: tuple[tuple[int, bytes], ...]

    def apply(self, machine: Machine) -> object:
        """Does it, perhaps again."""
        engine = machine.vcpus[self.vcpu].core.engine
        for physical, data in self.places:
            engine.write_physical_memory(physical, data)
        return None


class PutGuestMemory(msgspec.Struct, frozen=True, tag="guest"):
    """Bytes at an address as the guest calls it physical."""

    address: int
    data: bytes

    def apply(self, machine: Machine) -> object:
        """Does it, perhaps again. Raises TraplineError."""
        machine.memory.write(self.address, self.data)
        # Code may have been decoded from there; the core has it at another address where the guest is a partition.
        machine.vcpus[0].core.engine.invalidate_code(machine.core_address(self.address), len(self.data))
        return None


class AccessDevice(msgspec.Struct, frozen=True, tag="device"):
    """One access to a device, by a vcpu; `value` None: a load."""

    address: int
    size: int
    vcpu: int
    value: int | None = None

    def apply(self, machine: Machine) -> object:
        """The value loaded, or what refused; of a store None, or what refused."""
        if self.value is None:
            return machine.bus.read(self.address, self.size, self.vcpu)
        return machine.bus.write(self.address, self.size, self.value, self.vcpu)


class Waited(msgspec.Struct, frozen=True, tag="waited"):
    """A step of a vcpu that waits: it executes nothing, but the turn may be another's then, or a timer's time come."""

    vcpu: int

    def apply(self, machine: Machine) -> object:
        """Does it, perhaps again."""
        return machine.step(machine.vcpus[self.vcpu])


Change = PutRegister | PutMemory | PutGuestMemory | AccessDevice | Waited
"""`apply` does it to a machine; what it gives is for who asked."""
