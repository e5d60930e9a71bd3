"""What a description declares, in typed form; the parts stand in `state`, `syntax` and `traps`."""

from __future__ import annotations

import msgspec

from .base import Annotations, Item
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
    Template,
    TemplatePart,
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
    "CallResult",
    "Codec",
    "Comparison",
    "Constant",
    "Description",
    "Device",
    "DeviceRegister",
    "DeviceState",
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
    "Port",
    "Register",
    "RegisterRef",
    "ReturnCode",
    "Space",
    "Template",
    "TemplatePart",
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
    instruction_sets: dict[str, InstructionSet]
    registers: dict[str, Register]
    spaces: dict[str, Space]
    enums: dict[str, Enum]
    bitfields: dict[str, BitField]
    constants: dict[str, Constant]
    names: dict[str, NamesList]
    functions: dict[str, Function]
    forms: dict[str, Form]
    aliases: dict[str, Alias]
    interrupts: dict[str, Interrupt]
    exits: dict[str, Exit]
    abis: dict[str, HypercallAbi]
    hypercalls: dict[str, Hypercall]
    argument_classes: dict[str, ArgumentClass]
    devices: dict[str, Device]
    hooks: dict[str, str]
    fingerprint: str
