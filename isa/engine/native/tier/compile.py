"""Native code of a batch of regions: one module, a few passes, an object, linked into this process."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import EngineError
from ..building import LoadedObject, llvm, new_linker
from ..text import BRANCH_WEIGHTS, declarations

if TYPE_CHECKING:
    from llvmlite.binding import LLJIT, PassBuilder, TargetMachine
    from llvmlite.binding.newpassmanagers import ModulePassManager

_SPEED_LEVEL = 1
_BATCHES = 256
"""Batches of one linker."""
_numbers = itertools.count()


class Batch:
    """Native code of several regions; it stays while this lives."""

    def __init__(self, texts: Sequence[str], names: Sequence[str]) -> None:
        """Raises EngineError where LLVM rejects them."""
        text = "\n".join(texts)
        image = _object("\n".join([text, BRANCH_WEIGHTS, declarations(text)]))
        number = next(_numbers)
        self._linker = _linker(number // _BATCHES)
        self._loaded = LoadedObject(f"trapline-regions-{number}", [image], tuple(names), self._linker)

    def __del__(self) -> None:
        """The code goes first, then perhaps, with its last batch, the linker."""
        loaded = getattr(self, "_loaded", None)
        if loaded is not None:
            loaded.close()

    def address(self, name: str) -> int:
        """Where a region's code begins."""
        return self._loaded.address(name)


@functools.lru_cache(maxsize=1)
def _linker(_: int) -> LLJIT:
    # A linker keeps some kilobytes of every library that it ever had, so it is replaced now and then.
    return new_linker()


def _object(text: str) -> bytes:
    binding = llvm()
    machine, builder, passes = _tools()
    try:
        module = binding.parse_assembly(text)
        module.triple = binding.get_default_triple()
        module.data_layout = str(machine.target_data)
        module.verify()
        passes.run(module, builder)
        made: bytes = machine.emit_object(module)
    except RuntimeError as error:
        raise EngineError(f"LLVM rejects a region: {error}", hint="this is a fault of the engine") from error
    return made


@functools.cache
def _tools() -> tuple[TargetMachine, PassBuilder, ModulePassManager]:
    """Made once: emitting an object does not consume a TargetMachine, handing it to a compiler would."""
    binding = llvm()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=_SPEED_LEVEL,
        reloc="pic",
        codemodel="small",
    )
    builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=_SPEED_LEVEL))
    passes = binding.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    return machine, builder, passes
