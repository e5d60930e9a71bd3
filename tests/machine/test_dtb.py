"""Device tree blobs are what dtc makes and reads, and a broken blob is refused."""

import random
import subprocess

import pytest

from trapline.server.machine.dtb import MAXIMUM_DEPTH, flatten, unflatten
from trapline.server.machine.fdt import DeviceTree, FdtError, Node, cells, cells64, encode

from ..oracle import require

SOURCE = """
/dts-v1/;
/memreserve/ 0x0e000000 0x1000;
/ {
  #address-cells = <2>;
  model = "a", "b";
  empty;
  bytes = [01 02 03];
  cpus { cpu@0 { reg = <0>; wide = <0x12345678 0x9abcdef0>; }; cpu@1 { reg = <1>; }; };
  chosen { bootargs = "console=hvc0"; };
};
"""


def sample_tree() -> DeviceTree:
    """The tree that SOURCE describes."""
    tree = DeviceTree(reservations=((0x0E000000, 0x1000),))
    values = {"#address-cells": 2, "model": ["a", "b"], "empty": b"", "bytes": b"\x01\x02\x03"}
    for name, value in values.items():
        tree.root.properties[name] = encode(value)  # type: ignore[arg-type]
    cpus = tree.root.add("cpus")
    cpus.add("cpu@0", {"reg": 0, "wide": cells64(0x123456789ABCDEF0)})
    cpus.add("cpu@1", {"reg": 1})
    tree.root.add("chosen", {"bootargs": "console=hvc0"})
    return tree


def dtc(arguments: list[str], data: bytes) -> bytes:
    """Output of dtc."""
    return subprocess.run([require.oracle("dtc"), "-q", *arguments], input=data, capture_output=True, check=True).stdout


@pytest.mark.oracle
def test_dtc_makes_the_same_tree_of_its_source() -> None:
    """Reading dtc's blob of SOURCE gives exactly the tree built here."""
    assert unflatten(dtc(["-I", "dts", "-O", "dtb"], SOURCE.encode())) == sample_tree()


@pytest.mark.oracle
def test_dtc_reads_what_is_flattened_here() -> None:
    """A blob made here, decompiled and compiled again by dtc, is still the same tree."""
    source = dtc(["-I", "dtb", "-O", "dts"], flatten(sample_tree()))
    assert unflatten(dtc(["-I", "dts", "-O", "dtb"], source)) == sample_tree()


def test_flattening_and_reading_give_the_tree_back() -> None:
    """Nothing is lost: properties, their order, children, reservations, the boot CPU."""
    tree = sample_tree()
    tree.boot_cpu = 3
    blob = flatten(tree)
    assert unflatten(blob) == tree
    assert unflatten(blob + b"padding behind it") == tree
    assert list(unflatten(blob).root.properties) == list(tree.root.properties)


def test_a_broken_blob_never_gets_further_than_an_error() -> None:
    """Cut or damaged anywhere, a blob gives FdtError or a tree, and nothing else."""
    blob = flatten(sample_tree())
    for size in range(len(blob)):
        with pytest.raises(FdtError):
            unflatten(blob[:size])
    source = random.Random(11)
    refused = 0
    for _ in range(3000):
        damaged = bytearray(blob)
        for _ in range(source.randint(1, 3)):
            damaged[source.randrange(len(blob))] = source.choice((0, 1, 2, 9, 0x7F, 0xFF))
        try:
            unflatten(bytes(damaged))
        except FdtError:
            refused += 1
    assert refused > 500


def test_names_and_depth_are_checked_when_flattening() -> None:
    """A node or property name that is not allowed, twice the same child, and endless nesting are refused."""
    for bad in ("", "a b", "a/b"):
        tree = DeviceTree()
        tree.root.add(bad)
        with pytest.raises(FdtError, match="child called"):
            flatten(tree)
    tree = DeviceTree()
    tree.root.add("twice")
    tree.root.add("twice")
    with pytest.raises(FdtError, match="'twice'"):
        flatten(tree)
    tree = DeviceTree()
    tree.root.properties["x" * 32] = b""
    with pytest.raises(FdtError, match="1 to 31 letters"):
        flatten(tree)
    tree = DeviceTree()
    node = tree.root
    for _ in range(MAXIMUM_DEPTH + 1):
        node = node.add("n")
    with pytest.raises(FdtError, match="deep"):
        flatten(tree)


def test_a_value_that_does_not_fit_a_cell_is_refused() -> None:
    """The message points to cells64."""
    with pytest.raises(FdtError, match=r"0x100000000 does not fit a 32-bit cell\nhint: split it with cells64"):
        cells(1 << 32)
    with pytest.raises(FdtError):
        cells64(-1)


def test_phandles_are_unique_and_stay() -> None:
    """Each node gets a number of its own, also beside numbers that are there already."""
    tree = DeviceTree()
    first, second = tree.root.add("first"), tree.root.add("second", {"phandle": 7})
    third = Node("third")
    tree.root.children.append(third)
    assert (tree.phandle(second), tree.phandle(first), tree.phandle(third)) == (7, 8, 9)
    assert tree.phandle(first) == 8


def test_looking_for_what_is_not_there_names_what_is() -> None:
    """Paths and properties that do not exist are answered with those that do."""
    tree = sample_tree()
    assert tree.find("/cpus/cpu@1").cells("reg") == (1,)
    assert tree.find("/").strings("model") == ("a", "b")
    with pytest.raises(FdtError, match="its children: cpu@0, cpu@1"):
        tree.find("/cpus/cpu@2")
    with pytest.raises(FdtError, match="its properties: reg"):
        tree.find("/cpus/cpu@1").cells("model")
    with pytest.raises(FdtError, match="no whole cells"):
        tree.root.cells("bytes")
