"""A guest's memory: its stage 2 tables, where the host has its pages, VMIDs."""
