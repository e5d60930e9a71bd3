"""Links relocatable objects and archives, ours and other assemblers', into one program.

The way of a file: `objects` and `archives` read it, `resolution` joins its symbols with the others', `merging` puts
sections of one name together, `places` gives them addresses, `relocate` fills in what they lack.
"""
