"""Reports of a run: on the console, as TAP 14, JUnit XML and JSON lines."""
