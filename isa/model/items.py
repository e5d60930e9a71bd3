"""What a description declares, in typed form; the parts stand in `state`, `syntax` and `traps`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .base import Annotations, Item
from .boards import Board, EntryRegister, PlacedDevice, Wire
from .code import Function, Parameter
from .state import Access, BitField, BitRange, Constant, Enum, Register, Space
from .syntax import (
    Alias,
    AliasOperand,
    AliasSetting,
    Codec,
    Comparison,
    Field,
    Form,
    InstructionSet,
    Literal,
    NamesList,
    Operand,
    Optional,
    Piece,
    Sequence,
    SequenceOperand,
    SequenceValue,
    Step,
    Template,
    TemplatePart,
    WordClass,
    WordPattern,
)
from .traps import (
    ArgumentClass,
    CallResult,
    Device,
    DeviceRegister,
    DeviceState,
    Exit,
    Hypercall,
    HypercallAbi,
    Interrupt,
    Port,
    RegisterRef,
    ReturnCode,
)

__all__ = [
    "Access",
    "Alias",
    "AliasOperand",
    "AliasSetting",
    "Annotations",
    "ArgumentClass",
    "BitField",
    "BitRange",
    "Board",
    "CallResult",
    "Codec",
    "Comparison",
    "Constant",
    "Description",
    "Device",
    "DeviceRegister",
    "DeviceState",
    "EntryRegister",
    "Enum",
    "Exit",
    "Field",
    "Form",
    "Hypercall",
    "HypercallAbi",
    "InstructionSet",
    "Interrupt",
    "Item",
    "Literal",
    "NamesList",
    "Operand",
    "Optional",
    "Parameter",
    "Piece",
    "PlacedDevice",
    "Port",
    "Register",
    "RegisterRef",
    "ReturnCode",
    "Sequence",
    "SequenceOperand",
    "SequenceValue",
    "Space",
    "Step",
    "Template",
    "TemplatePart",
    "Wire",
    "WordClass",
    "WordPattern",
]


class Description(msgspec.Struct, frozen=True):
    """A description as one core sees it: all that the products are made from.

    `hooks` maps hook names to function names (an expression becomes a function without parameters).
    `functions` holds described functions and those that the loader makes. `decoders` are built on demand.
    """

    name: str
    title: str
    core: str
    core_title: str
    numbering: str
    byte_order: str
    address_width: int
    cia: str
    nia: str
    set_state: str
    annotations: Annotations
    files: tuple[str, ...]
    features: tuple[str, ...]
    instruction_sets: Mapping[str, InstructionSet]
    registers: Mapping[str, Register]
    spaces: Mapping[str, Space]
    enums: Mapping[str, Enum]
    bitfields: Mapping[str, BitField]
    constants: Mapping[str, Constant]
    names: Mapping[str, NamesList]
    functions: Mapping[str, Function]
    forms: Mapping[str, Form]
    word_classes: Mapping[str, WordClass]
    aliases: Mapping[str, Alias]
    sequences: Mapping[str, Sequence]
    interrupts: Mapping[str, Interrupt]
    exits: Mapping[str, Exit]
    abis: Mapping[str, HypercallAbi]
    hypercalls: Mapping[str, Hypercall]
    argument_classes: Mapping[str, ArgumentClass]
    devices: Mapping[str, Device]
    boards: Mapping[str, Board]
    hooks: dict[str, str]
    fingerprint: str = ""
    """Tells apart what means different things (`digest`)."""
    edition: str = ""
    """Tells apart what stands in different texts, comments and all."""
