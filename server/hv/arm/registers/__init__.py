"""One-reg: KVM's ids, names and values."""
