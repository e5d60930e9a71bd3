"""What people bring, and how it gets into a machine: kinds of files, requests, places in memory.

`images` recognises a file by its header, `request` says what the command line can ask for, `guest` reads all of it,
`places` finds out where each part lies and refuses what overlaps.
"""
