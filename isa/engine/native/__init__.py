"""The native engine: bodies of a description as LLVM IR, run as threaded code. See `engine`."""
