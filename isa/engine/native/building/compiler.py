"""LLVM through llvmlite: IR text to an object, and objects into this process."""

from __future__ import annotations

import ctypes
import enum
import functools
import hashlib
import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import EngineError

if TYPE_CHECKING:
    from llvmlite.binding import LLJIT, TargetMachine
    from llvmlite.binding.newpassmanagers import ModulePassManager

_SPEED_LEVEL = 1
"""Of LLVM's pipeline and code generator: 2 takes a third longer for handlers of the same size and speed."""


class Effort(enum.StrEnum):
    """How much of LLVM's work a module is worth."""

    ALL = "all"
    """Its usual passes: functions that are shared and long."""
    SOME = "some"
    """A few passes, which are what bodies gain from: half the time, and the same speed."""
    LITTLE = "little"
    """These, and the quick code generator: a fifth of the time, for what seldom runs."""


_OF_THE_PROCESSOR = (
    *("vendor_id", "cpu family", "model", "model name", "stepping", "flags"),
    *("Features", "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision", "isa", "uarch"),
)
"""What /proc/cpuinfo calls them on Linux's architectures."""


@functools.cache
def llvm():  # type: ignore[no-untyped-def]  # noqa: ANN201 - llvmlite has no types
    """`llvmlite.binding`, ready. Raises EngineError where there is none."""
    try:
        import llvmlite.binding as binding
    except (ImportError, OSError) as error:
        raise _missing(error) from error
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def _missing(error: Exception) -> EngineError:
    return EngineError(
        f"the native engine needs llvmlite, which cannot be loaded: {error}",
        hint="install llvmlite 0.50, or choose --engine reference",
    )


@functools.cache
def toolchain() -> str:
    """What decides which code comes out: versions and this host's processor. Raises EngineError without llvmlite."""
    try:
        import llvmlite
    except ImportError as error:
        raise _missing(error) from error
    return f"llvmlite {llvmlite.__version__}, {os.uname().machine} {_processor()}"


def _processor() -> str:
    """A digest of what LLVM finds out about the processor, or of what it finds that out from: that needs no LLVM."""
    try:
        with Path("/proc/cpuinfo").open(encoding="ascii", errors="replace") as file:
            first = list(itertools.takewhile(str.strip, file))
    except OSError:
        first = []
    told = [line for line in first if line.split("\t")[0].split(":")[0].strip() in _OF_THE_PROCESSOR]
    if not told:
        binding = llvm()
        told = [binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()]
    return hashlib.sha256("".join(told).encode()).hexdigest()[:16]


def host_has_fma() -> bool:
    """Whether this processor multiplies and adds in one instruction."""
    return os.uname().machine == "aarch64" or bool(llvm().get_host_cpu_features().get("fma"))


def _machine(level: int = _SPEED_LEVEL) -> TargetMachine:
    # Each use gets its own: a TargetMachine that was given to a compiler must not be used again.
    binding = llvm()
    return binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=level,
        reloc="pic",
        codemodel="small",
    )


def compile_object(text: str, effort: Effort = Effort.ALL) -> bytes:
    """The object file of an IR module. Raises EngineError where LLVM rejects it."""
    binding = llvm()
    try:
        module = binding.parse_assembly(text)
        module.verify()
    except RuntimeError as error:
        raise EngineError(
            f"LLVM rejects the native engine's code: {error}", hint="this is a fault of the engine; --engine reference"
        ) from error
    machine = _machine(0 if effort is Effort.LITTLE else _SPEED_LEVEL)
    module.triple = binding.get_default_triple()
    module.data_layout = str(machine.target_data)
    builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=_SPEED_LEVEL))
    passes = builder.getModulePassManager() if effort is Effort.ALL else _few_passes()
    passes.run(module, builder)
    made: bytes = machine.emit_object(module)
    return made


def _few_passes() -> ModulePassManager:
    passes = llvm().create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    return passes


@functools.cache
def _jit() -> LLJIT:
    return new_linker()


def new_linker() -> LLJIT:
    """What links objects into this process."""
    return llvm().create_lljit_compiler(_machine())


class LoadedObject:
    """Objects that make one library of this process; it stays while this lives."""

    def __init__(
        self,
        name: str,
        images: Sequence[bytes],
        symbols: Sequence[str],
        linker: LLJIT | None = None,
        outside: Mapping[str, int] | None = None,
    ) -> None:
        """`outside` are the values of symbols that the objects refer to. Raises EngineError where they cannot be
        linked."""
        builder = llvm().JITLibraryBuilder()
        for image in images:
            builder = builder.add_object_img(image)
        for symbol in symbols:
            builder = builder.export_symbol(symbol)
        for symbol, value in (outside or {}).items():
            builder = builder.import_symbol(symbol, value)
        try:
            self._tracker = builder.link(linker or _jit(), name)
        except RuntimeError as error:
            raise EngineError(f"native code cannot be linked: {error}", hint="--engine reference") from error
        self._names = symbols

    def close(self) -> None:
        """Unloads the object, before its linker may go."""
        self._tracker.close()

    def address(self, symbol: str) -> int:
        """Where a symbol is."""
        return int(self._tracker[symbol])

    @functools.cached_property
    def symbols(self) -> dict[str, int]:
        """Where all of them are."""
        return {name: self.address(name) for name in self._names}

    def bytes_at(self, symbol: str, count: int) -> bytes:
        """What stands at a symbol now."""
        return ctypes.string_at(self.address(symbol), count)

    def pointers(self, symbol: str, count: int) -> tuple[int, ...]:
        """The addresses in a table of code pointers."""
        return tuple((ctypes.c_uint64 * count).from_address(self.address(symbol)))
