"""From cases to a built suite: assembly, expectations, ELF files, manifests."""
