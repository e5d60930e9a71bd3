"""Templates of statements: what a mnemonic may mean, and which candidates take the operands."""
