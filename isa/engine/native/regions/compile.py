"""Native code of a batch of regions: one module, a few passes, an object, linked into this process."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import EngineError
from ..compiler import LoadedObject, llvm
from ..module import declarations

if TYPE_CHECKING:
    from llvmlite.binding import PassBuilder, TargetMachine
    from llvmlite.binding.newpassmanagers import ModulePassManager

_SPEED_LEVEL = 1
_METADATA = '!0 = !{!"branch_weights", i32 2000, i32 1}\n!1 = !{!"branch_weights", i32 1, i32 2000}'
_numbers = itertools.count()


class Batch:
    """Native code of several regions; it stays while this lives."""

    def __init__(self, texts: Sequence[str], names: Sequence[str]) -> None:
        """Raises EngineError where LLVM rejects them."""
        text = "\n".join(texts)
        image = _object("\n".join([text, _METADATA, declarations(text)]))
        self._loaded = LoadedObject(f"trapline-regions-{next(_numbers)}", image, tuple(names))

    def address(self, name: str) -> int:
        """Where a region's code begins."""
        return self._loaded.address(name)


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
