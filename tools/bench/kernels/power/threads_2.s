# Threads of one core that run, prod each other and cede: 2 of them.

        .equ    THREADS, 2
        .include "threads.s"
