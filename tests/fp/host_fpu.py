"""The host's floating-point unit as an oracle, reached through code that llvmlite compiles.

Each function sets the rounding, clears the exceptions, does one operation and reads the
exceptions, all in one native call, so Python's own arithmetic cannot come in between.
Only x86-64 is known here; `HOST_FPU` is None elsewhere and the tests skip.
"""

import ctypes
import platform

import llvmlite.binding as llvm

# <fenv.h> of x86-64, by rounding number and by flag.
ROUNDINGS = {0: 0x000, 1: 0xC00, 2: 0x800, 3: 0x400}
INVALID, DIVIDE_BY_ZERO, OVERFLOW, UNDERFLOW, INEXACT = 0x01, 0x04, 0x08, 0x10, 0x20
TO_OUR_FLAGS = {INEXACT: 1, UNDERFLOW: 2, OVERFLOW: 4, DIVIDE_BY_ZERO: 8, INVALID: 16}

_TYPES = {32: "float", 64: "double"}
_META = 'metadata !"round.dynamic", metadata !"fpexcept.strict"'
_STRICT = 'metadata !"fpexcept.strict"'
_COMPARE = {"olt": "fcmps", "quiet_olt": "fcmp"}


def _function(name: str, argument: str, result: str, body: str) -> str:
    """IR of `i64 name(i64 a, i64 b, i64 c, i32 rounding, i64* out)`: pattern out, exceptions returned."""
    return f"""
define i32 @{name}(i64 %a64, i64 %b64, i64 %c64, i32 %rounding, i64* %out) strictfp {{
  %r0 = call i32 @fesetround(i32 %rounding) strictfp
  %r1 = call i32 @feclearexcept(i32 61) strictfp
  {argument}
  {body}
  {result}
  %flags = call i32 @fetestexcept(i32 61) strictfp
  %r2 = call i32 @fesetround(i32 0) strictfp
  store i64 %bits, i64* %out
  ret i32 %flags
}}
"""


def _floats(width: int) -> str:
    lines = []
    for name in "abc":
        lines.append(f"%{name}i = trunc i64 %{name}64 to i32" if width == 32 else f"%{name}i = add i64 %{name}64, 0")
        lines.append(f"%{name} = bitcast i{width} %{name}i to {_TYPES[width]}")
    return "\n  ".join(lines)


def _pattern(width: int) -> str:
    if width == 64:
        return "%bits = bitcast double %x to i64"
    return "%xi = bitcast float %x to i32\n  %bits = zext i32 %xi to i64"


def _module() -> str:
    declarations = {
        "declare i32 @fesetround(i32)",
        "declare i32 @feclearexcept(i32)",
        "declare i32 @fetestexcept(i32)",
    }
    text = []
    for width, kind in _TYPES.items():
        for op, count in (
            ("fadd", 2),
            ("fsub", 2),
            ("fmul", 2),
            ("fdiv", 2),
            ("fma", 3),
            ("sqrt", 1),
            ("rint", 1),
        ):
            callee = f"{kind} @llvm.experimental.constrained.{op}.f{width}"
            declarations.add(f"declare {callee}({', '.join([kind] * count)}, metadata, metadata)")
            operands = ", ".join(f"{kind} %{name}" for name in "abc"[:count])
            body = f"%x = call {callee}({operands}, {_META}) strictfp"
            text.append(_function(f"{op}{width}", _floats(width), _pattern(width), body))
        for int_width in (32, 64):
            callee = f"{kind} @llvm.experimental.constrained.sitofp.f{width}.i{int_width}"
            declarations.add(f"declare {callee}(i{int_width}, metadata, metadata)")
            source = f"%n = trunc i64 %a64 to i{int_width}" if int_width == 32 else "%n = add i64 %a64, 0"
            body = f"%x = call {callee}(i{int_width} %n, {_META}) strictfp"
            text.append(_function(f"from_i{int_width}_{width}", source, _pattern(width), body))
            callee = f"i{int_width} @llvm.experimental.constrained.fptosi.i{int_width}.f{width}"
            declarations.add(f"declare {callee}({kind}, metadata)")
            body = f"%n = call {callee}({kind} %a, {_STRICT}) strictfp"
            result = "%bits = zext i32 %n to i64" if int_width == 32 else "%bits = add i64 %n, 0"
            text.append(_function(f"to_i{int_width}_{width}", _floats(width), result, body))
        for name, intrinsic in _COMPARE.items():
            callee = f"i1 @llvm.experimental.constrained.{intrinsic}.f{width}"
            declarations.add(f"declare {callee}({kind}, {kind}, metadata, metadata)")
            body = f'%n = call {callee}({kind} %a, {kind} %b, metadata !"olt", {_STRICT}) strictfp'
            text.append(_function(f"{name}{width}", _floats(width), "%bits = zext i1 %n to i64", body))
    narrow = "float @llvm.experimental.constrained.fptrunc.f32.f64"
    widen = "double @llvm.experimental.constrained.fpext.f64.f32"
    declarations |= {f"declare {narrow}(double, metadata, metadata)", f"declare {widen}(float, metadata)"}
    text.append(_function("narrow", _floats(64), _pattern(32), f"%x = call {narrow}(double %a, {_META}) strictfp"))
    text.append(_function("widen", _floats(32), _pattern(64), f"%x = call {widen}(float %a, {_STRICT}) strictfp"))
    return "\n".join([*sorted(declarations), *text])


class HostFpu:
    """Calls the compiled operations; keeps the engine that owns their code alive."""

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        libm = ctypes.CDLL("libm.so.6")
        for name in ("fesetround", "feclearexcept", "fetestexcept", "fma", "fmaf", "rint", "rintf"):
            address = ctypes.cast(getattr(libm, name), ctypes.c_void_p).value
            assert address is not None
            llvm.add_symbol(name, address)
        machine = llvm.Target.from_default_triple().create_target_machine(opt=0)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(_module()), machine)
        self._engine.finalize_object()
        self._prototype = ctypes.CFUNCTYPE(
            ctypes.c_int, *[ctypes.c_uint64] * 3, ctypes.c_int, ctypes.POINTER(ctypes.c_uint64)
        )

    def run(self, name: str, operands: tuple[int, ...], rounding: int = 0) -> tuple[int, int]:
        """(pattern, exceptions as our flags) of one operation under rounding 0 to 3."""
        function = self._prototype(self._engine.get_function_address(name))
        out = ctypes.c_uint64()
        padded = (*operands, 0, 0)[:3]
        host = function(*padded, ROUNDINGS[rounding], ctypes.byref(out))
        return out.value, sum(ours for bit, ours in TO_OUR_FLAGS.items() if host & bit)


HOST_FPU = HostFpu() if platform.machine() == "x86_64" and platform.system() == "Linux" else None
