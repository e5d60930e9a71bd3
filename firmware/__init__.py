"""Guests and host stubs that spring the traps, and the commands that build and show them."""
