"""What the compute kernels give, worked out in Python: a peer whose checksum differs has no time, but an error."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache

_WORD = 0xFFFFFFFF
_SHA_START = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)


def _numbers() -> Iterator[int]:
    """The generator that all kernels make their data with."""
    x = 1
    while True:
        x = (x * 1103515245 + 12345) & _WORD
        yield x


def _rotate(x: int, left: int) -> int:
    return (x << left | x >> (32 - left)) & _WORD


def _take(count: int) -> list[int]:
    numbers = _numbers()
    return [next(numbers) for _ in range(count)]


@cache
def sieve() -> int:
    """The sum of the primes below 32768."""
    limit = 32768
    composite = bytearray(limit)
    total = 0
    for i in range(2, limit):
        if not composite[i]:
            total += i
            composite[2 * i :: i] = bytes([1]) * len(composite[2 * i :: i])
    return total & _WORD


@cache
def crc32() -> int:
    """CRC-32 of 16 KiB."""
    return zlib.crc32(bytes(x >> 16 & 255 for x in _take(16384)))


def _cube_root_words() -> list[int]:
    """FIPS 180-4, 4.2.2, worked out: 32 bits of the fractions of the cube roots of the first 64 primes."""
    primes = [n for n in range(2, 312) if all(n % d for d in range(2, n))]
    return [_integer_cube_root(p << 96) & _WORD for p in primes]


def _integer_cube_root(n: int) -> int:
    low, high = 0, 1 << 40
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= n else (low, middle - 1)
    return low


@cache
def sha256() -> int:
    """The state after 64 blocks, its words combined; hashlib cannot tell, as it always pads."""
    constants = _cube_root_words()
    state = list(_SHA_START)
    words = _take(64 * 16)
    for start in range(0, len(words), 16):
        w = words[start : start + 16]
        for t in range(16, 64):
            s0 = _rotate(w[t - 15], 25) ^ _rotate(w[t - 15], 14) ^ w[t - 15] >> 3
            s1 = _rotate(w[t - 2], 15) ^ _rotate(w[t - 2], 13) ^ w[t - 2] >> 10
            w.append((w[t - 16] + s0 + w[t - 7] + s1) & _WORD)
        a, b, c, d, e, f, g, h = state
        for t in range(64):
            big1 = _rotate(e, 26) ^ _rotate(e, 21) ^ _rotate(e, 7)
            t1 = h + big1 + (g ^ (e & (f ^ g))) + constants[t] + w[t]
            t2 = (_rotate(a, 30) ^ _rotate(a, 19) ^ _rotate(a, 10)) + ((a & b) | (c & (a | b)))
            a, b, c, d, e, f, g, h = (t1 + t2) & _WORD, a, b, c, (d + t1) & _WORD, e, f, g
        state = [(x + y) & _WORD for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    combined = 0
    for word in state:
        combined ^= word
    return combined


@cache
def matrix() -> int:
    """A product of two 32 x 32 matrices."""
    size = 32
    values = [x >> 16 for x in _take(2 * size * size)]
    a, b = values[: size * size], values[size * size :]
    combined = 0
    for i in range(size):
        row = a[i * size : (i + 1) * size]
        for k in range(size):
            combined ^= sum(x * y for x, y in zip(row, b[k::size], strict=True)) & _WORD
    return combined


@cache
def memcpy() -> int:
    """The copies leave the words as they were; only their place changes."""
    total = 0
    for word in _take(8192):
        total = (_rotate(total, 1) + word) & _WORD
    return total


@cache
def quicksort() -> int:
    """2048 numbers in order, each times its place."""
    return sum(i * x for i, x in enumerate(sorted(_take(2048)))) & _WORD


@cache
def linked_list() -> int:
    """Eight walks around the ring."""
    total = at = 0
    for _ in range(8 * 4096):
        total = (_rotate(total, 1) + at * 2654435761) & _WORD
        at = (at * 1229 + 1) & 4095
    return total


@cache
def dispatch() -> int:
    """The byte codes' two registers at the end."""
    a, b = 1, 2
    codes = [x >> 16 & 7 for x in _take(1024)]
    for code in codes * 16:
        match code:
            case 0:
                a = (a + b) & _WORD
            case 1:
                b ^= a
            case 2:
                a = _rotate(a, 5)
            case 3:
                b = (b + 0x1234) & _WORD
            case 4:
                a = (a - (b >> 3)) & _WORD
            case 5:
                b ^= _WORD
            case 6:
                a ^= b << 7 & _WORD
            case 7:
                b = (b - a) & _WORD
    return a ^ b


def calls(depth: int = 12, x: int = 1) -> int:
    """The tree's root."""
    if depth == 0:
        return (x * 3 + 1) & _WORD
    left = calls(depth - 1, (x + depth) & _WORD)
    return _rotate(calls(depth - 1, x ^ left), 1) ^ left


@cache
def floating() -> int:
    """Iterations on the grid; Python's floats are IEEE doubles, rounded after each operation."""
    total = 0
    for row in range(24):
        for column in range(24):
            cx, cy = column / 8.0 - 2.0, row / 8.0 - 1.5
            x = y = 0.0
            n = 0
            while n < 64 and x * x + y * y <= 4.0:
                x, y = x * x - y * y + cx, 2.0 * x * y + cy
                n += 1
            total = (_rotate(total, 5) + n) & _WORD
            if n == 64:
                total = (total + int(x * 65536.0)) & _WORD
    return total


@cache
def tlb() -> int:
    """4096 pages with their numbers in them, read four times."""
    total = 0
    for number in [*range(4096)] * 4:
        total = (_rotate(total, 1) + number) & _WORD
    return total


@cache
def blocks() -> int:
    """20,000 blocks in a row, 50 times. A word that is zero when it is loaded counts one."""
    memory = [0] * 1024
    a = b = 0
    for _ in range(50):
        for number in range(20000):
            a = _rotate((a + (number & 255)) & _WORD, 5)
            b ^= a
            memory[number & 1023] = b
            a = (a + b + (b == 0)) & _WORD
    return a ^ b


def _repeated(value: int) -> int:
    """What 1000 equal answers add up to."""
    total = 0
    for _ in range(1000):
        total = (_rotate(total, 1) + value) & _WORD
    return total


@cache
def hcall_read() -> int:
    """The entry's second doubleword, 1000 times."""
    return _repeated(0x200012)


@cache
def hcall_python() -> int:
    """A one for each call."""
    return _repeated(1)


@cache
def mmio() -> int:
    """A one for each load: the bit that is always set."""
    return _repeated(1)


@cache
def world_switch() -> int:
    """The guest's count of its entries."""
    total = 0
    for number in range(1, 1001):
        total = (_rotate(total, 1) + number) & _WORD
    return total


ROUNDS_OF_THREADS = 100


@cache
def threads() -> int:
    """A hash of 0 to 1249 for each round of the first thread."""
    value = 1
    for number in range(1250):
        value = (value + number) & _WORD
        value = (value + (value << 10)) & _WORD
        value ^= value >> 6
    total = 0
    for _ in range(ROUNDS_OF_THREADS):
        total = (_rotate(total, 1) + value) & _WORD
    return total
