"""A device tree that the user brings: what the machine adds to it, and where it contradicts the machine."""

from __future__ import annotations

from collections.abc import Iterator

from .fdt import DeviceTree, FdtError, Node, cells64


def complete_chosen(tree: DeviceTree, bootargs: str, initrd: tuple[int, int] | None) -> None:
    """Puts the kernel's command line and the initial RAM disk (address, size) into /chosen where they are given."""
    if not bootargs and initrd is None:
        return
    chosen = next((one for one in tree.root.children if one.name == "chosen"), None)
    if chosen is None:
        chosen = tree.root.add("chosen")
    if bootargs:
        chosen.properties["bootargs"] = bootargs.encode() + b"\0"
    if initrd is not None:
        chosen.properties["linux,initrd-start"] = cells64(initrd[0])
        chosen.properties["linux,initrd-end"] = cells64(initrd[0] + initrd[1])


def check_memory(tree: DeviceTree, path: str, base: int, size: int) -> None:
    """Raises FdtError if the tree tells of memory that the machine (with `size` bytes at `base`) has not."""
    for node in tree.root.children:
        if node.properties.get("device_type") != b"memory\0":
            continue
        for start, length in _ranges(tree.root, node):
            if length and not (base <= start and start + length <= base + size):
                needed = start + length - base
                raise FdtError(
                    f"{path}: its {node.name} is {start:#x}-{start + length - 1:#x}, "
                    f"and the machine has RAM at {base:#x}-{base + size - 1:#x}",
                    f"give the machine --memory {-(-needed >> 20)}" if start >= base else "correct the tree",
                )


def _ranges(root: Node, node: Node) -> Iterator[tuple[int, int]]:
    """(address, size) pairs of a child of the root."""
    counts = [root.cells(name)[0] if name in root.properties else usual for name, usual in _CELLS]
    words = node.cells("reg")
    step = sum(counts)
    if not step or any(not 1 <= count <= 2 for count in counts):
        raise FdtError(f"/ has #address-cells and #size-cells {counts[0]} and {counts[1]}: 1 or 2 are possible")
    for at in range(0, len(words) - step + 1, step):
        yield _number(words[at : at + counts[0]]), _number(words[at + counts[0] : at + step])


_CELLS = (("#address-cells", 2), ("#size-cells", 1))


def _number(words: tuple[int, ...]) -> int:
    value = 0
    for word in words:
        value = value << 32 | word
    return value


def check_page_table(tree: DeviceTree, path: str, order: int) -> None:
    """Raises FdtError if a processor's ibm,pft-size is not the machine's hashed page table."""
    for node in tree.nodes():
        if "ibm,pft-size" in node.properties and (said := node.cells("ibm,pft-size")[-1]) != order:
            raise FdtError(
                f"{path}: {node.name} has ibm,pft-size {said}, and the machine's hashed page table has order {order}",
                f"give the machine --hpt-order {said}: guest and hypervisor must hash alike",
            )


def check_tokens(tree: DeviceTree, path: str, tokens: dict[str, int]) -> None:
    """Raises FdtError if /rtas gives a service another token than the machine has for it."""
    rtas = next((one for one in tree.root.children if one.name == "rtas"), None)
    for name, token in tokens.items():
        if rtas is not None and name in rtas.properties and rtas.cells(name) != (token,):
            (said, *_) = rtas.cells(name)
            raise FdtError(
                f"{path}: /rtas {name} is {said:#x}, and the machine's token for it is {token:#x}",
                "take the tokens from the machine's own tree: --dump-dtb FILE",
            )
