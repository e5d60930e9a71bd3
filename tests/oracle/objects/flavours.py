"""The ways in which a source is assembled by both sides: a core of ours, and GNU as's and gcc's options for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flavour:
    """An architecture as both assemblers, and the compiler, are told of it; `little` asks for little-endian data."""

    name: str
    core: str
    prefix: str
    as_options: tuple[str, ...]
    gcc_options: tuple[str, ...] = ()
    little: bool = False

    @property
    def is_arm(self) -> bool:
        """Whether relocations have their addends in place (REL)."""
        return self.prefix.startswith("arm")


_ARM_AS = ("-march=armv7ve", "-mfpu=neon-vfpv4")
_ARM_GCC = ("-march=armv7ve", "-mfpu=neon-vfpv4", "-mfloat-abi=hard")
_POWER = "powerpc64-linux-gnu"
_ARM = "arm-linux-gnueabihf"

FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        Flavour("power7-elfv1", "power7", _POWER, ("-a64", "-mbig", "-mpower7", "-mregnames"),
                ("-mabi=elfv1", "-mbig-endian", "-mcpu=power7", "-mlong-double-64")),
        Flavour("power7-elfv2", "power7", _POWER, ("-a64", "-mbig", "-mpower7", "-mregnames"),
                ("-mabi=elfv2", "-mbig-endian", "-mcpu=power7", "-mlong-double-64")),
        Flavour("power7-little", "power7", _POWER, ("-a64", "-mlittle", "-mpower7", "-mregnames"),
                ("-mabi=elfv2", "-mlittle-endian", "-mcpu=power7", "-mlong-double-64"), little=True),
        Flavour("970-elfv1", "ppc970", _POWER, ("-a64", "-mbig", "-mpower4", "-maltivec", "-mregnames"),
                ("-mabi=elfv1", "-mbig-endian", "-mcpu=970", "-mlong-double-64")),
        Flavour("970-elfv2", "ppc970", _POWER, ("-a64", "-mbig", "-mpower4", "-maltivec", "-mregnames"),
                ("-mabi=elfv2", "-mbig-endian", "-mcpu=970", "-mlong-double-64")),
        Flavour("arm", "armv7ve", _ARM, _ARM_AS, (*_ARM_GCC, "-marm")),
        Flavour("thumb", "armv7ve", _ARM, (*_ARM_AS, "-mthumb"), (*_ARM_GCC, "-mthumb")),
    )
}
