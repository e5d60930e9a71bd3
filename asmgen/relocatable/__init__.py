"""Relocatable objects: what a linker has to fill in, and the ELF file that says so."""
