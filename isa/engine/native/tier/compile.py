"""A region's IR to an object that any process can load: see `symbols`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ...errors import EngineError
from ..building import llvm
from ..text import BRANCH_WEIGHTS, declarations

if TYPE_CHECKING:
    from llvmlite.binding import PassBuilder, TargetMachine
    from llvmlite.binding.newpassmanagers import ModulePassManager

_SPEED_LEVEL = 1


def compile_region(text: str) -> bytes:
    """The object. Raises EngineError where LLVM rejects it."""
    binding = llvm()
    machine, builder, passes = _tools()
    try:
        module = binding.parse_assembly("\n".join([text, BRANCH_WEIGHTS, declarations(text)]))
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
    """Made once: emitting an object does not consume a TargetMachine, handing it to a compiler would.

    Regions are loaded anywhere, and what they refer to is anywhere else: all addresses in them have their full length.
    """
    binding = llvm()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=_SPEED_LEVEL,
        reloc="static",
        codemodel="large",
    )
    builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=_SPEED_LEVEL))
    passes = binding.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    return machine, builder, passes
