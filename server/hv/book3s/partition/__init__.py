"""What a partition is made of: its place in the host, page table, real mode, I/O tables; and what it tells of."""
