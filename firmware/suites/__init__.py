"""Suites: tests of firmware and hypervisors, generated from the descriptions, run anywhere.

The way of a test: `definition` reads a suite's TOML file; one of `generators` makes cases (`making.case`); `making`
renders each as assembly, asks the reference engine what to expect, and writes a built suite; `running` runs it on a
target and keeps results; `failures` makes repro capsules; `reports` tells. Why it is so: docs/decisions/0018.
"""
