"""`monitor` commands: what lies beneath the registers and the memory that a debugger shows."""
