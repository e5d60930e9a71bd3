"""A machine's past: checkpoints in memory, what was done between them, and the ways back."""
