"""What the threads of a session do: all together (`all_stop`), or each for itself (`non_stop`).

A packet's handler only says what is to run. The session's loop (`loop.py`) lets it run, slice by slice, and tells the
client who has stopped.
"""
