"""Generators of suites for Arm: Hyp mode and its guests, and the instructions of Armv7-A."""
