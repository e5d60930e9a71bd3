"""Which words of an instruction set a description has, beside what other tools know."""
