"""The typed form of a description: what both engines, the assembler, gdb's views and the documents are made from."""
