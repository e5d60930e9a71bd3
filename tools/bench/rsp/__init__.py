"""`trapline bench --rsp`: what a debugger waits for, beside QEMU's stub."""
