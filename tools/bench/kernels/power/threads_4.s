# Threads of one core that run, prod each other and cede: 4 of them.

        .equ    THREADS, 4
        .include "threads.s"
