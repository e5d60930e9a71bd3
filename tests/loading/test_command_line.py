"""The options for loading as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.server.machine.dtb import unflatten
from trapline.server.machine.elf import parse_elf
from trapline.tests.server.guests import hcall, load, power_off, say
from trapline.tests.server.test_command_line import trapline

from .files import ARM_LOOP, power_elf, write, zimage

PASSES = "_start:\n" + say("PASS\n") + power_off()


def test_flat_image_runs_by_load_and_entry(tmp_path: Path) -> None:
    """A raw image at an address, entered there, with a register set: it says what it found in the register."""
    code = say("PASS\n") + "cmpldi %r20, 0x77\nbeq 1f\n" + say("FAIL\n") + "1:\n" + power_off()
    (text,) = parse_elf(power_elf(0x10_0000, "_start:\n" + code), "g.elf").segments
    image = write(tmp_path, "image.bin", text.data)
    done = trapline(
        "run", "--machine", "pseries", "--load", f"{image}@1M", "--entry", "0x100000", "--reg", "r20=0x77"
    )
    assert (done.returncode, done.stdout) == (0, "PASS\n"), done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to run"),
        (("--kernel", "{zimage}"), "--max"),
        (("{raw}",), "--kernel FILE"),
        (("{elf}", "--kernel", "{zimage}"), "two programs"),
        (("--kernel", "{raw}"), "--machine"),
        (("{elf}", "--load", "{raw}"), "--load"),
        (("{elf}", "--load", "{raw}@x"), "no address"),
        (("{elf}", "--reg", "r3"), "NAME=VALUE"),
        (("{elf}", "--hpt-order", "many"), "auto"),
        (("{elf}", "--flash", "{raw}"), "no flash memory"),
        (("{elf}", "--dtb", "{raw}"), "device tree"),
        (("{elf}", "--bios", "{raw}", "--machine", "power-bare"), "no way to be told"),
        (("--bios", "{elf}", "--machine", "pseries"), "firmware is a raw image"),
    ],
)
def test_mistakes_are_told_with_a_way_out(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    """One error and one hint each, status 2, and never a traceback."""
    files = {
        "elf": write(tmp_path, "g.elf", power_elf()),
        "raw": write(tmp_path, "raw.bin", b"something"),
        "zimage": write(tmp_path, "zImage", zimage(ARM_LOOP)),
    }
    if message == "--max":
        done = trapline("run", *(one.format(**files) for one in arguments), "--max-instructions", "100")
        assert done.returncode == 3, done.stderr  # a zImage alone says which machine it is for
        return
    done = trapline("run", *(one.format(**files) for one in arguments))
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_dump_dtb_writes_the_tree_and_ends(tmp_path: Path) -> None:
    """The guest does not run; what is written is what it would have been given."""
    elf, blob = write(tmp_path, "g.elf", power_elf(text=PASSES)), tmp_path / "tree.dtb"
    done = trapline("run", str(elf), "--append", "console=hvc0", "--dump-dtb", str(blob))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert unflatten(blob.read_bytes()).find("/chosen").strings("bootargs") == ("console=hvc0",)


def test_a_second_of_guest_time_is_a_thousand_million_instructions(tmp_path: Path) -> None:
    """By default a Power tick is two instructions; --clock-shift makes it another power of two."""
    loop = "lis %r9, 2\nmtctr %r9\n1: bdnz 1b\nmftb %r20\n"
    for options, shift in (((), 1), (("--clock-shift", "0"), 0), (("--clock-shift", "5"), 5)):
        low, high = 0x2_0000 >> shift, (0x2_0000 >> shift) + 8
        code = f"_start:\n{loop}{load(21, low)}{load(22, high)}cmpd %r20, %r21\nblt 2f\ncmpd %r20, %r22\nbgt 2f\n"
        code += say("PASS\n") + power_off() + "2:\n" + say("FAIL\n") + hcall("H_CEDE")
        done = trapline("run", str(write(tmp_path, "g.elf", power_elf(text=code))), *options)
        assert done.stdout == "PASS\n", (options, done.stderr)
