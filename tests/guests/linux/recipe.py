"""Builds Linux for the test machines from Debian's `linux-source-6.1`: a kernel and a RAM disk with one program in it.

    python tests/guests/linux/recipe.py power|arm FOLDER

What is made is kept in the user's cache directory, by a hash of everything that goes in. Needs the Debian packages of
`sh tools/setup/debian.sh linux`; takes ten minutes of two cores the first time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
SOURCE: Final = Path("/usr/src/linux-source-6.1.tar.xz")
INITRD: Final = "initrd.cpio"
_FIXED: Final = {
    "KBUILD_BUILD_TIMESTAMP": "2012-01-01",
    "KBUILD_BUILD_USER": "trapline",
    "KBUILD_BUILD_HOST": "trapline",
    "LC_ALL": "C",
}


@dataclass(frozen=True)
class Recipe:
    """How one architecture's kernel is built."""

    arch: str
    prefix: str
    config: str
    images: dict[str, str]
    """What is kept: name to its path in the build tree."""
    targets: tuple[str, ...]
    flags: tuple[str, ...]
    """For the compiler of the RAM disk's program."""


RECIPES: Final = {
    "power": Recipe(
        arch="powerpc",
        prefix="powerpc64-linux-gnu-",
        config="power.config",
        images={"vmlinux": "vmlinux", "zImage": "arch/powerpc/boot/zImage.pseries"},
        targets=("vmlinux", "zImage"),
        flags=("-mcpu=970", "-mno-altivec"),
    ),
    "arm": Recipe(
        arch="arm",
        prefix="arm-linux-gnueabihf-",
        config="arm.config",
        images={"vmlinux": "vmlinux", "zImage": "arch/arm/boot/zImage", "Image": "arch/arm/boot/Image"},
        targets=("zImage",),
        flags=("-marm", "-march=armv7-a", "-mfloat-abi=softfp", "-mfpu=vfpv3-d16"),
    ),
}


def missing() -> list[str]:
    """What of the tools and sources is not there, by name."""
    tools = [f"{one.prefix}gcc" for one in RECIPES.values()] + ["make", "flex", "bison", "bc", "xz"]
    folders = [Path(folder) for folder in os.get_exec_path()]
    lacking = [tool for tool in tools if not any((folder / tool).exists() for folder in folders)]
    return lacking + ([] if SOURCE.exists() else [str(SOURCE)])


def built(name: str) -> Path:
    """The folder with an architecture's kernel and RAM disk; built now if it is not in the cache."""
    recipe = RECIPES[name]
    place = _cache() / f"{name}-{_key(recipe)}"
    if not (place / INITRD).exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            made = Path(folder) / "made"
            made.mkdir()
            _build_kernel(recipe, Path(folder), made)
            build_initrd(name, made / INITRD)
            shutil.rmtree(place, ignore_errors=True)
            made.rename(place)
    return place


def build_initrd(name: str, target: Path) -> None:
    """Compiles the one program, and writes a RAM disk with it."""
    recipe = RECIPES[name]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "init"
        alone = ("-static", "-nostdlib", "-ffreestanding", "-fno-pic", "-no-pie", "-fno-stack-protector")
        _run([f"{recipe.prefix}gcc", *alone, "-O1", "-Wall", *recipe.flags, "-o", str(program), str(HERE / "init.c")])
        target.write_bytes(ram_disk(program.read_bytes()))


def ram_disk(program: bytes) -> bytes:
    """A cpio archive ("newc") with /init, /proc and /dev with its console."""
    entries = (
        ("dev", 0o040755, b"", (0, 0)),
        ("dev/console", 0o020600, b"", (5, 1)),
        ("proc", 0o040755, b"", (0, 0)),
        ("init", 0o100755, program, (0, 0)),
        ("TRAILER!!!", 0, b"", (0, 0)),
    )
    archive = bytearray()
    for number, (path, mode, data, device) in enumerate(entries, 1):
        name = path.encode() + b"\0"
        numbers = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
        archive += b"070701" + b"".join(b"%08X" % one for one in numbers) + name
        archive += bytes(-len(archive) % 4) + data
        archive += bytes(-len(archive) % 4)
    return bytes(archive) + bytes(-len(archive) % 512)


def legacy_image(data: bytes, architecture: int, address: int) -> bytes:
    """A U-Boot image of a kernel, as mkimage makes it."""
    import zlib

    header = struct.pack(
        ">7I4B32s", 0x27051956, 0, 0, len(data), address, address, zlib.crc32(data), 5, architecture, 2, 0, b"Linux"
    )
    return header[:4] + struct.pack(">I", zlib.crc32(header)) + header[8:] + data


def _build_kernel(recipe: Recipe, folder: Path, made: Path) -> None:
    _run(["tar", "xf", str(SOURCE), "-C", str(folder)])
    (source,) = folder.glob("linux-source-*")
    tree = folder / "build"
    tree.mkdir()
    wanted = tree / "wanted.config"
    wanted.write_text(_config(recipe))
    make = ["make", "-C", str(source), f"O={tree}", f"ARCH={recipe.arch}", f"CROSS_COMPILE={recipe.prefix}"]
    _run([*make, f"KCONFIG_ALLCONFIG={wanted}", "tinyconfig"])
    _run(["sh", str(source / "scripts/kconfig/merge_config.sh"), "-m", ".config", str(wanted)], tree)
    _run([*make, "olddefconfig"])
    _check(tree / ".config", wanted)
    _run([*make, f"-j{os.cpu_count() or 1}", *recipe.targets])
    for name, path in recipe.images.items():
        shutil.copyfile(tree / path, made / name)


def _check(config: Path, wanted: Path) -> None:
    """An option that the kernel has dropped without a word would make another kernel than the tests are about."""
    there = set(config.read_text().splitlines())
    lost = [line for line in wanted.read_text().splitlines() if line.startswith("CONFIG_") and line not in there]
    if lost:
        raise SystemExit(f"the kernel does not take these options: {', '.join(lost)}")


def _config(recipe: Recipe) -> str:
    return (HERE / "common.config").read_text() + (HERE / recipe.config).read_text()


def _key(recipe: Recipe) -> str:
    digest = hashlib.sha256(SOURCE.read_bytes() if SOURCE.exists() else b"")
    version = subprocess.run([f"{recipe.prefix}gcc", "--version"], capture_output=True, check=True, timeout=60).stdout
    for part in (_config(recipe).encode(), (HERE / "init.c").read_bytes(), Path(__file__).read_bytes(), version):
        digest.update(part)
    return digest.hexdigest()[:16]


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trapline" / "linux-guests"


def _run(command: list[str], folder: Path | None = None) -> None:
    """Runs a step; its output is shown when it fails."""
    done = subprocess.run(
        command, cwd=folder, env=os.environ | _FIXED, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode != 0:
        tail = (done.stdout + done.stderr).decode("utf-8", "replace")[-4000:]
        raise SystemExit(f"{' '.join(command)} failed:\n{tail}")


def main() -> None:
    """The command line."""
    if len(sys.argv) != 3 or sys.argv[1] not in RECIPES:
        raise SystemExit(__doc__)
    if lacking := missing():
        raise SystemExit(f"missing: {', '.join(lacking)}; as root: sh tools/setup/debian.sh linux")
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    for file in built(sys.argv[1]).iterdir():
        shutil.copyfile(file, target / file.name)
        print(target / file.name)


if __name__ == "__main__":
    main()
