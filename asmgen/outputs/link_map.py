"""A map: where sections and symbols of a program lie."""

from __future__ import annotations

from ..objects.image import Image


def link_map(image: Image) -> str:
    """One line a section, below it its symbols in order of address; then symbols without a section."""
    lines = [f"entry {image.entry:#x}"]
    symbols = sorted((s for s in image.program.symbols if s.kind != "mapping"), key=lambda s: (s.value, s.name))
    for section in image.sections:
        lines.append(f"{section.name:24} {section.address:#12x} {section.size:#10x} bytes, aligned to "
                     f"{section.alignment}, \"{section.flags}\"")
        lines += [f"    {s.value:#18x} {s.size:6} {s.binding:6} {s.name}" for s in symbols if s.section == section.name]
    plain = [s for s in symbols if not s.section]
    if plain:
        lines.append("numbers")
        lines += [f"    {s.value:#18x} {'':6} {s.binding:6} {s.name}" for s in plain]
    return "".join(line + "\n" for line in lines)
