"""Why a guest left, and what the model does about it: traps, aborts, system registers, devices, injected exceptions."""
