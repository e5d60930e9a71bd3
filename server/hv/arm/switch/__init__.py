"""The world switch: Hyp mode's registers go from the host to a guest and back."""
