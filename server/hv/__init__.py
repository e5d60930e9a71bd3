"""Hypervisor models behind one KVM-like face: `kvm` is the face, `book3s` and `arm` stand behind it."""
