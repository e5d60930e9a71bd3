"""What a thread of a partition has: registers, areas, statistics, a window to devices; and how it waits."""
