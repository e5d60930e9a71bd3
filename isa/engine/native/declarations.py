"""Declarations of LLVM's intrinsics."""

from __future__ import annotations

import re


def declarations(text: str) -> str:
    """Declarations of the intrinsics that are called."""
    found = sorted(set(re.findall(r"@llvm\.(\w+(?:\.with\.overflow)?)\.i(\d+)", text)))
    lines = []
    for name, width in found:
        type_ = f"i{width}"
        if name == "abs":
            continue
        parameters, result = type_, type_
        if name in ("fshl", "fshr"):
            parameters = f"{type_}, {type_}, {type_}"
        elif name == "umin":
            parameters = f"{type_}, {type_}"
        elif name in ("ctlz", "cttz"):
            parameters = f"{type_}, i1"
        elif name.endswith("overflow"):
            parameters, result = f"{type_}, {type_}", f"{{{type_}, i1}}"
        lines.append(f"declare {result} @llvm.{name}.{type_}({parameters})")
    return "\n".join(lines)
