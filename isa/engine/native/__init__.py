"""The native engine: bodies of a description as LLVM IR, run as threaded code.

Its rooms, each over those before it; what others use of a room stands in its `__init__`:

- `shared`: what Python and native code share: the vcpu's area, decoded pages, numbered requests;
- `text`: LLVM IR as text, and the language's operators in it;
- `floats`: floating point in IR;
- `bodies`: what is found in typed bodies before IR is written: effects, foldings, variants, unusual ways;
- `memory`: the soft TLB, translation, flushes in IR;
- `handlers`: bodies as handlers in IR, and the ways from one to the next;
- `building`: from IR to code in this process, and the cache;
- `regions`: writing regions, hot code as native functions;
- `tier`: which code is hot, and when it is compiled;
- `running`: the engine.
"""
