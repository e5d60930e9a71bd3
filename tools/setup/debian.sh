#!/bin/sh
# Make sure that the Debian packages Trapline uses are there.
#
#     sh tools/setup/debian.sh GROUP...      GROUP: run (use it), test (compare it with the oracles),
#                                            bench (compilers for the C kernels of `trapline bench`),
#                                            linux (kernels and random programs for `make soak`,
#                                            beside test and bench)
#
# Everything there: nothing is done and nothing is fetched. Otherwise root gets them from apt, and
# anybody else is told what is missing and which command installs it.
set -eu

# group, how to see that it is there (a command, python:MODULE or file:PATH), Debian package
needs='
run   python:ensurepip            python3-venv
run   gdb-multiarch               gdb-multiarch
test  powerpc64-linux-gnu-as      binutils-powerpc64-linux-gnu
test  objdump                    binutils
test  arm-linux-gnueabihf-as      binutils-arm-linux-gnueabihf
test  qemu-system-ppc64           qemu-system-ppc
test  qemu-system-arm             qemu-system-arm
test  qemu-ppc64                  qemu-user
test  riscv64-linux-gnu-as        binutils-riscv64-linux-gnu
test  qemu-system-riscv64         qemu-system-misc
test  dtc                         device-tree-compiler
test  file:/usr/lib/u-boot/qemu_arm/u-boot.bin  u-boot-qemu
test  file:/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf  opensbi
test  riscv64-linux-gnu-gcc       gcc-riscv64-linux-gnu
test  file:/usr/share/qemu/slof.bin  qemu-system-data
test  file:/usr/share/AAVMF/AAVMF32_CODE.fd  qemu-efi-arm
test  chromium                    chromium
test  lldb                        lldb
test  llvm-dwarfdump              llvm
test  eu-elflint                  elfutils
test  powerpc64-linux-gnu-gcc     gcc-powerpc64-linux-gnu
test  file:/usr/powerpc64-linux-gnu/lib/libm.so.6  libc6-ppc64-cross
test  file:/usr/powerpc64-linux-gnu/lib/libgcc_s.so.1  libgcc-s1-ppc64-cross
test  arm-linux-gnueabihf-gcc     gcc-arm-linux-gnueabihf
bench gcc                         gcc
bench powerpc64-linux-gnu-gcc     gcc-powerpc64-linux-gnu
bench arm-linux-gnueabihf-gcc     gcc-arm-linux-gnueabihf
linux file:/usr/src/linux-source-6.1.tar.xz  linux-source-6.1
linux flex                        flex
linux bison                       bison
linux bc                          bc
linux xz                          xz-utils
linux make                        make
linux csmith                      csmith
linux file:/usr/include/csmith/csmith.h  libcsmith-dev
'

is_there() {
    case $1 in
    file:*) [ -e "${1#file:}" ] ;;
    python:*) "${PYTHON:-python3}" -c "import ${1#python:}" 2>/dev/null ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

[ $# -gt 0 ] || { echo "usage: sh tools/setup/debian.sh run|test|bench|linux ..." >&2; exit 2; }

missing=$(
    echo "$needs" | while read -r group probe package; do
        [ -n "$group" ] || continue
        for wanted in "$@"; do
            if [ "$group" = "$wanted" ] && ! is_there "$probe"; then echo "$package"; fi
        done
    done
)
[ -n "$missing" ] || exit 0
missing=$(echo "$missing" | tr '\n' ' ' | sed 's/ $//')
install="apt-get install -y --no-install-recommends $missing"

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "error: these Debian packages are missing: $missing" >&2
    echo "hint: as root: apt-get update && $install" >&2
    exit 1
fi

echo "setup: installing Debian packages: $missing"
export DEBIAN_FRONTEND=noninteractive
echo "setup: ... apt-get update"
apt-get update -qq
echo "setup: ... apt-get install, without what is only recommended"
# shellcheck disable=SC2086  # a list of package names, one word each
apt-get install -qq -y --no-install-recommends $missing >/dev/null
