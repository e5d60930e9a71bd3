"""What goes into a built suite so that it runs without Trapline: see run.py, which imports nothing of it."""
