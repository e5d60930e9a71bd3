"""What happened to a guest: where it is, what its interrupts were, and whether it can get anywhere from there.

`report` finds words for a guest that runs wild, `stuck` finds out that one does, `samples` where it spends its time,
`words` and `places` what to call instructions and addresses.
"""
