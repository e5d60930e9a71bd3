"""Declarations of LLVM's intrinsics."""

from __future__ import annotations

import re


def declarations(text: str) -> str:
    """Declarations of the intrinsics that are called."""
    floats = sorted(set(re.findall(r"@llvm\.(\w+)\.f(32|64)", text)))
    lines = [_of_floats(name, width) for name, width in floats]
    if "@llvm.memset.p0.i64" in text:
        lines.append("declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
    found = sorted(set(re.findall(r"@llvm\.(\w+(?:\.with\.overflow)?)\.i(\d+)", text)))
    for name, width in found:
        type_ = f"i{width}"
        parameters, result = type_, type_
        if name in ("fshl", "fshr"):
            parameters = f"{type_}, {type_}, {type_}"
        elif name == "umin":
            parameters = f"{type_}, {type_}"
        elif name in ("ctlz", "cttz", "abs"):
            parameters = f"{type_}, i1"
        elif name.endswith("overflow"):
            parameters, result = f"{type_}, {type_}", f"{{{type_}, i1}}"
        lines.append(f"declare {result} @llvm.{name}.{type_}({parameters})")
    for count, width in sorted(set(re.findall(r"@llvm\.fshl\.v(\d+)i(\d+)", text))):
        type_ = f"<{count} x i{width}>"
        lines.append(f"declare {type_} @llvm.fshl.v{count}i{width}({type_}, {type_}, {type_})")
    return "\n".join(lines)


def _of_floats(name: str, width: str) -> str:
    type_ = "double" if width == "64" else "float"
    operands = {"fma": 3, "copysign": 2}.get(name, 1)
    return f"declare {type_} @llvm.{name}.f{width}({', '.join([type_] * operands)})"
