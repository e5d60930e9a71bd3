"""What an assembly prints besides its file: listing, map, dependencies, diagnostics as JSON."""
