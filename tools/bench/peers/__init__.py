"""What runs a kernel and says how long it took."""
