"""Tree to declarations: registers, spaces, formats, operands, instructions, devices, calls."""
