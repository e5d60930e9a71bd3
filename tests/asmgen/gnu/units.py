"""Units of generated sources: a few statements each, of one family of directives; no unit needs another."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable


class Numbers:
    """Spellings of numbers, and names that were not used before."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._serial = itertools.count()

    def name(self, stem: str = "n") -> str:
        """A new name."""
        return f"{stem}{next(self._serial)}"

    def spelled(self, value: int) -> str:
        """An expression with this value, in brackets where it is more than a number."""
        draw = self._draw
        more = draw.randint(1, 1000)
        forms = [str(value), hex(value), f"({value + more} - {more})", f"({value} + {more} - {more})",
                 f"(({value * 4}) / 4)", f"({value >> 1} * 2 + {value & 1})"]
        if value < 0:
            forms += [f"(~{~value})", f"(-{-value})"]
        else:
            forms += [f"({value} | 0)", f"({value} ^ 0)", f"({value} << 0)", f"0{value:o}", f"0b{value:b}"]
        return draw.choice(forms)

    def tree(self, depth: int = 3) -> str:
        """A random expression without divisions by zero."""
        draw = self._draw
        if depth == 0 or draw.random() < 0.2:
            return str(draw.choice([0, 1, 2, 7, 0x10, 0xff, 255, 1000, 65535, draw.randint(0, 1 << 20)]))
        kind = draw.random()
        if kind < 0.15:
            return draw.choice("-~!+") + self.tree(depth - 1)
        if kind < 0.35:
            return f"({self.tree(depth - 1)})"
        if kind < 0.45:
            operator = draw.choice(["/", "%", "<<", ">>"])
            # What is shifted right is no negative number, of which more than 64 bits could come.
            left = f"({self.tree(depth - 1)} & 0xffffffff)" if operator == ">>" else self.tree(depth - 1)
            return f"{left} {operator} {draw.randint(1, 9)}"
        operator = draw.choice(["+", "-", "*", "&", "|", "^", "==", "!=", "<>", "<", ">", "<=", ">=", "&&", "||"])
        return f"{self.tree(depth - 1)}{draw.choice([' ', ''])}{operator}{draw.choice([' ', ''])}{self.tree(depth - 1)}"


Maker = Callable[[random.Random, Numbers], str]


def _data(draw: random.Random, numbers: Numbers) -> str:
    rows = [".data"]
    for _ in range(draw.randint(1, 6)):
        word, bits = draw.choice([(".byte", 8), (".2byte", 16), (".short", 16), (".hword", 16), (".4byte", 32),
                                  (".long", 32), (".int", 32), (".8byte", 64), (".quad", 64)])
        values = [draw.choice([draw.getrandbits(bits), -draw.getrandbits(bits - 1), 0, (1 << bits) - 1])
                  for _ in range(draw.randint(1, 4))]
        rows.append(f"{word} {', '.join(numbers.spelled(v) if bits < 64 else str(v) for v in values)}")
    return "\n".join(rows) + "\n"


def _expressions(draw: random.Random, numbers: Numbers) -> str:
    rows = [".data", *(f".8byte {numbers.tree()}" for _ in range(draw.randint(1, 4)))]
    return "\n".join(rows) + "\n"


def _symbols(draw: random.Random, numbers: Numbers) -> str:
    name, label, other = numbers.name(), numbers.name("l"), numbers.name("l")
    form = draw.choice(["{} = {}", ".set {}, {}", ".equ {}, {}", ".equiv {}, {}"])
    gap = draw.randint(0, 40)
    return (f".data\n{form.format(name, numbers.tree(2))}\n.8byte {name}, {name} + {draw.randint(0, 9)}\n{label}:\n"
            f".space {gap}\n{other}: .long {other} - {label}, {label} - . , ({other} - {label}) * 2\n"
            f"{name}x = . - {label}\n.2byte {name}x\n")


def _alignment(draw: random.Random, numbers: Numbers) -> str:
    size = draw.randint(0, 5)
    word = draw.choice([f".balign {1 << size}", f".p2align {size}", f".balign {1 << size}, {draw.randint(0, 255)}",
                        f".p2align {size}, {draw.randint(0, 255)}, {draw.randint(1, 20)}", f".p2align {size},,7"])
    return f".data\n.byte {draw.randint(0, 255)}\n{word}\n.byte 1\n"


def _gaps(draw: random.Random, numbers: Numbers) -> str:
    count = draw.randint(0, 9)
    return ".data\n" + draw.choice([
        f".space {count}\n", f".skip {count}, {draw.randint(0, 255)}\n", f".zero {count}\n",
        f".fill {count}, {draw.randint(1, 8)}, {draw.getrandbits(32)}\n", f".fill {count}\n",
        f".fill {count}, {draw.randint(1, 8)}\n"])


def _strings(draw: random.Random, numbers: Numbers) -> str:
    pieces = ["plain", " ", "\\n", "\\t", "\\\\", '\\"', "\\0", "\\101", "\\x41", ";", "#", "@", "//", "/*",
              "'", ",", "%"]

    def text() -> str:
        return '"' + "".join(draw.choice(pieces) for _ in range(draw.randint(0, 6))) + '"'

    word = draw.choice([".ascii", ".asciz", ".string"])
    return f".data\n{word} {draw.choice([', ', ' ']).join(text() for _ in range(draw.randint(1, 3)))}\n"


def _numbered_labels(draw: random.Random, numbers: Numbers) -> str:
    digit = draw.randint(0, 9)
    return (f".data\n{digit}: .long . - {digit}b\n{digit}: .long {digit}f - {digit}b\n"
            f".space {draw.randint(0, 9)}\n{digit}: .byte 0\n")


def _macro(draw: random.Random, numbers: Numbers) -> str:
    name = numbers.name("m")
    default = draw.randint(0, 99)
    first, second = draw.randint(0, 99), draw.randint(0, 99)
    call = draw.choice([f"{first}, {second}", f"b={first}, a={second}", f"{first}", f"{first} {second}",
                        f"{first} + 1, {second} - 1", f"a={first}", f"{first} , {second}"])
    body = draw.choice([".byte \\a, \\b", ".byte \\a\n.2byte \\b", ".irp x, \\a, \\b\n.byte \\x\n.endr",
                        ".if \\a > 50\n.byte \\b\n.else\n.long \\b\n.endif", ".ascii \"\\a:\\b\"",
                        "l\\@\\()_\\a: .byte \\b".replace("\\a", name)])
    return f".macro {name} a, b={default}\n{body}\n.endm\n.data\n{name} {call}\n"


def _recursion(draw: random.Random, numbers: Numbers) -> str:
    name = numbers.name("m")
    values = ", ".join(str(draw.randint(0, 255)) for _ in range(draw.randint(1, 5)))
    return (f".macro {name} first, rest:vararg\n.byte \\first\n.ifnb \\rest\n{name} \\rest\n.endif\n.endm\n"
            f".data\n{name} {values}\n")


def _repetition(draw: random.Random, numbers: Numbers) -> str:
    values = draw.choice([", ", " ", ","]).join(str(draw.randint(0, 99)) for _ in range(draw.randint(1, 5)))
    name = numbers.name()
    return ".data\n" + draw.choice([
        f".rept {draw.randint(0, 5)}\n.byte {draw.randint(0, 255)}\n.endr\n",
        f".irp x, {values}\n.byte \\x\n.endr\n",
        f".irpc x, {draw.randint(0, 99999)}\n.byte \\x\n.endr\n",
        f"{name} = 0\n.rept {draw.randint(1, 5)}\n.byte {name}\n{name} = {name} + 1\n.endr\n",
        f".irp x, {values}\n.irp y, 1, 2\n.byte \\x - \\y\n.endr\n.endr\n"])


def _conditions(draw: random.Random, numbers: Numbers) -> str:
    words = ["a", "b", '"a"', "a b", "", "1"]
    condition = draw.choice([
        f".if {numbers.tree(2)}", f".ifeq {numbers.tree(1)}", f".ifne {numbers.tree(1)}",
        f".ifgt {draw.randint(-2, 2)}", f".ifge {draw.randint(-2, 2)}", f".iflt {draw.randint(-2, 2)}",
        f".ifle {draw.randint(-2, 2)}", f".ifc {draw.choice(words)}, {draw.choice(words)}",
        f".ifnc {draw.choice(words)}, {draw.choice(words)}", f".ifb {draw.choice(words)}",
        f".ifnb {draw.choice(words)}", f".ifdef {numbers.name('undefined')}", ".ifndef nowhere",
        f'.ifeqs "{draw.choice("ab")}", "{draw.choice("ab")}"', f'.ifnes "{draw.choice("ab")}", "{draw.choice("ab")}"'])
    elseif = f".elseif {draw.randint(0, 1)}\n.byte 2\n" if draw.random() < 0.3 and condition.startswith(".if ") else ""
    return f".data\n{condition}\n.byte 1\n{elseif}.else\n.byte 3\n.endif\n"


def _sections(draw: random.Random, numbers: Numbers) -> str:
    name = f".s{draw.randint(0, 5)}"
    value = draw.randint(0, 255)
    return draw.choice([
        f'.section {name}, "a"\n.byte {value}\n.previous\n', f'.pushsection {name}, "a"\n.byte {value}\n.popsection\n',
        f".bss\n.space {value}\n.balign 8\n", f".data {draw.randint(0, 3)}\n.byte {value}\n.data\n",
        f".data\n.subsection {draw.randint(1, 3)}\n.byte {value}\n.subsection 0\n"])


def _attributes(draw: random.Random, numbers: Numbers) -> str:
    name = numbers.name("object")
    binding = draw.choice([".globl", ".global", ".weak", ".local"])
    visibility = draw.choice(["", f".hidden {name}\n", f".protected {name}\n", f".internal {name}\n"])
    kind = draw.choice(["%object", "%function", "%notype", "STT_OBJECT"])
    return (f".data\n{binding} {name}\n{visibility if binding != '.local' else ''}.type {name}, {kind}\n"
            f"{name}: .long {draw.getrandbits(32)}\n.size {name}, . - {name}\n")


def _leb128(draw: random.Random, numbers: Numbers) -> str:
    label = numbers.name("l")
    values = [draw.getrandbits(draw.randint(1, 40)) for _ in range(2)]
    return (f".data\n.uleb128 {values[0]}\n.sleb128 -{values[1]}\n"
            f"{label}: .space {draw.randint(0, 200)}\n.uleb128 . - {label}\n")


def _floats(draw: random.Random, numbers: Numbers) -> str:
    value = draw.choice([draw.uniform(-100, 100), draw.uniform(-1, 1) * 10.0 ** draw.randint(-30, 30), 0.0, 1.0])
    return f".data\n.float {value!r}\n.double {value!r}\n"


def _pointers(draw: random.Random, numbers: Numbers) -> str:
    label, far = numbers.name("l"), numbers.name("foreign")
    word = draw.choice([".long", ".4byte"])
    return f".data\n{label}: {word} {label}, {label} + {draw.randint(0, 99)}, {far}, {far} - 3, {far} - .\n"


def _power_branches(draw: random.Random, numbers: Numbers) -> str:
    label, far = numbers.name("t"), numbers.name("foreign")
    word = draw.choice(["b", "bl", "beq", "bne cr3,", "bdnz", "blt-", "bge+ cr7,", "bdz", "bt 4*cr1+eq,", "bf so,"])
    return (f".text\n{word} {label}\nnop\n{label}: {word} {label}\n{word} $+{4 * draw.randint(1, 9)}\nbl {far}\nnop\n"
            f"b {far}+{4 * draw.randint(0, 9)}\n")


def _power_addresses(draw: random.Random, numbers: Numbers) -> str:
    label = draw.choice([numbers.name("foreign"), numbers.name("l")])
    more = draw.choice(["", f"+{draw.getrandbits(17)}", f"-{draw.getrandbits(16)}"])
    define = f".data\n{label}: .quad {label}\n" if label.startswith("l") else ""
    constant = draw.getrandbits(64)
    part = draw.choice(["h", "ha", "higher", "highera", "highest", "highesta"])
    return (f".text\nlis r3, {label}{more}@ha\naddi r3, r3, {label}{more}@l\nld r4, {label}{more}@toc@l(r3)\n".replace(
        "ld r4", "lwz r4") + f"lis r5, {label}@{part}\nlis r6, {constant}@{part}\nori r6, r6, {constant}@l\n{define}")


def _arm_branches(draw: random.Random, numbers: Numbers) -> str:
    label, far = numbers.name("t"), numbers.name("foreign")
    word = draw.choice(["b", "bl", "beq", "blne", "bhi", "blt"])
    near = 4 * draw.randint(3, 9)
    return f".text\n{word} {label}\nnop\n{label}: {word} {label}\nbl {far}\nb {far}\n{word} . + {near}\n"


def _thumb_branches(draw: random.Random, numbers: Numbers) -> str:
    label, far = numbers.name("t"), numbers.name("foreign")
    word = draw.choice(["b", "bl", "beq", "b.w", "bhi.w", "blt"])
    gap = draw.choice(["", "", f".space {2 * draw.randint(1, 400)}\n"])
    return (f".text\n{word} {label}\nnop\n{gap}{label}: {word} {label}\nbl {far}\nb.w {far}\n"
            "cbz r0, 1f\nnop\nnop\n1: nop\n")


def _arm_addresses(draw: random.Random, numbers: Numbers) -> str:
    label = draw.choice([numbers.name("foreign"), numbers.name("l")])
    more = draw.choice(["", f"+{draw.getrandbits(12)}", f"-{draw.getrandbits(12)}"])
    define = f".data\n{label}: .word {label}{more}\n" if label.startswith("l") else ""
    return f".text\nmovw r0, #:lower16:{label}{more}\nmovt r0, #:upper16:({label}{more})\n{define}"


def _arm_literals(draw: random.Random, numbers: Numbers) -> str:
    values = [draw.choice([draw.getrandbits(32), draw.getrandbits(8) << draw.randint(0, 24), ~draw.getrandbits(8),
                           draw.getrandbits(16)]) for _ in range(draw.randint(1, 4))]
    rows = [f"ldr r{draw.randint(0, 7)}, ={value & 0xffffffff:#x}" for value in values]
    return ".text\n" + "\n".join([*rows, f"ldr r1, ={numbers.name('foreign')}", "b 1f", ".ltorg", "1: nop"]) + "\n"


def _interworking(draw: random.Random, numbers: Numbers) -> str:
    arm, thumb = numbers.name("a"), numbers.name("t")
    return (f".text\n.arm\n.type {arm}, %function\n{arm}: bl {thumb}\nbx lr\n.thumb\n.type {thumb}, %function\n"
            f"{thumb}: blx {arm}\nbl {arm}\nbx lr\nnop\n.balign 4\n.word {arm}, {thumb}, {thumb} + 4\n.arm\n")


_COMMON: tuple[Maker, ...] = (
    _data, _expressions, _symbols, _alignment, _gaps, _strings, _numbered_labels, _macro, _recursion, _repetition,
    _conditions, _sections, _attributes, _leb128, _floats, _pointers,
)


def units_of(is_arm: bool, is_thumb: bool) -> tuple[Maker, ...]:
    """The makers for an architecture."""
    if not is_arm:
        return (*_COMMON, _power_branches, _power_addresses)
    if is_thumb:
        return (*_COMMON, _thumb_branches, _arm_addresses, _arm_literals)
    return (*_COMMON, _arm_branches, _arm_addresses, _arm_literals, _interworking)
