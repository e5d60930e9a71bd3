"""Descriptions in an editor: what the language server knows of them. It needs no protocol; `serve` speaks it."""
