"""`trapline run` and `trapline serve` as a person starts them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.endpoint import Endpoint

from ..patience import HANGS
from .guests import ARM_BASE, guest, hcall, load, power_off, rtas, say

POWER = ".org 0x4000\n_start:\n"
ENDLESS = "2: addi %r3, %r3, 1\nb 2b\n"


def program(folder: Path, code: str) -> Path:
    """An ELF file of a pseries guest."""
    path = folder / "guest.elf"
    path.write_bytes(guest(POWER + code + "\n1: b 1b\n", "power7", 0).raw)
    return path


def trapline(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line with no input."""
    command = [sys.executable, "-m", "trapline", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=HANGS, check=False)


@pytest.mark.parametrize(
    ("code", "options", "status"),
    [
        (say("PASS\n") + power_off(), (), 0),
        (say("FAIL\n") + power_off(), (), 1),
        (say("FAIL 3\n") + say("PASS suite\n") + power_off(), (), 1),
        (power_off(), (), 8),
        (power_off(), ("--expect", "off"), 0),
        (say("EXIT: STATUS=3\n") + power_off(), (), 1),
        (say("EXIT: STATUS=3\n") + power_off(), ("--expect", "status=3"), 0),
        (rtas("system_reboot"), (), 9),
        (say("ok 1 - a\n") + say("not ok 2 - b\n") + power_off(), (), 1),
        (ENDLESS, ("--timeout", "0.1"), 10),
        ("", ("--max-instructions", "500"), 3),
        (".org 0x4100\n" + hcall("H_RTAS", 0), ("--machine", "nothing"), 2),
    ],
)
def test_run_ends_with_the_verdict_as_status(code: str, options: tuple[str, ...], status: int, tmp_path: Path) -> None:
    """0 passed, 1 failed, 2 a mistake of the user's, 3 instructions used up."""
    done = trapline("run", str(program(tmp_path, code)), *options)
    assert done.returncode == status, done.stderr


def test_run_shows_console_and_figures(tmp_path: Path) -> None:
    """The console is standard output, everything else standard error."""
    done = trapline("run", "--stats", str(program(tmp_path, say("PASS\n") + power_off())))
    assert done.stdout == "PASS\n"
    assert "hcall H_PUT_TERM_CHAR" in done.stderr
    assert "instructions" in done.stderr


def test_serve_prints_a_line_for_gdb_and_ends_with_the_verdict(tmp_path: Path) -> None:
    """A free port of the loopback is taken; --once ends with the first client, the guest's verdict as status."""
    elf = program(tmp_path, say("FAIL\n") + power_off())
    command = [sys.executable, "-m", "trapline", "serve", "--wait", "--once", str(elf)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        assert "pseries holds" in server.stderr.readline()
        place = server.stderr.readline().split()
        assert place[:2] == ["target", "remote"]
        host, port = place[2].rsplit(":", 1)
        assert host == "127.0.0.1"
        with RspClient(Endpoint(host, int(port))) as client:
            client.handshake()
            assert client.ask(b"vCont;c:p1.-1").startswith(b"W01")
        assert server.wait(timeout=HANGS) == 1


def test_serve_without_wait_runs_the_guest(tmp_path: Path) -> None:
    """With nobody attached the guest runs to its end, and the server ends with its verdict."""
    done = trapline("serve", str(program(tmp_path, say("FAIL\n") + power_off())))
    assert (done.returncode, done.stdout) == (1, "FAIL\n")
    assert "pseries runs" in done.stderr


def test_attaching_stops_and_detaching_lets_go(tmp_path: Path) -> None:
    """A client finds the guest stopped somewhere on its way, and it goes on when the client has left."""
    code = load(4, 0x2000) + "2: lwz %r5, 0(%r4)\naddi %r31, %r31, 1\ncmpwi %r5, 0\nbeq 2b\n"
    elf = program(tmp_path, code + say("PASS\n") + power_off())
    command = [sys.executable, "-m", "trapline", "serve", str(elf)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        server.stderr.readline()
        host, port = server.stderr.readline().split()[2].rsplit(":", 1)
        with RspClient(Endpoint(host, int(port))) as client:
            client.handshake()
            counts = [int(client.ask(b"p1f"), 16) for _ in range(2)]
            assert counts[0] == counts[1], "it stands still"
            assert client.ask(b"X2000,4:\x00\x00\x00\x01") == b"OK"
            assert client.ask(b"D;1") == b"OK"
        assert server.wait(timeout=HANGS) == 0


def test_the_json_form_is_the_documented_one(tmp_path: Path) -> None:
    """One object on standard output, the console on standard error; the guide names each member."""
    elf = program(tmp_path, say("ok 1 - a\n") + say("not ok 2 - b\n") + power_off())
    done = trapline("run", "--json", "--expect", "fail", str(elf))
    found = json.loads(done.stdout)
    assert (done.returncode, found["status"], found["verdict"], found["ending"]) == (0, 0, "failed", "off")
    assert [(one["name"], one["status"]) for one in found["subtests"]] == [("a", "pass"), ("b", "fail")]
    assert found["failure"] == "not ok 2 - b"
    assert done.stderr.startswith("ok 1 - a\nnot ok 2 - b\n")
    assert found["console"]["tail"] == "ok 1 - a\nnot ok 2 - b\n"
    guide = (Path(__file__).resolve().parents[2] / "docs" / "guide" / "ci.md").read_text()
    for name in [*found, *found["machine"], *found["machine"]["vcpus"][0], "instructions", "exits"]:
        assert f"`{name}`" in guide or f"{name}," in guide or f"{name}}}" in guide, name


@pytest.mark.parametrize(("machine", "conduit"), [("arm-virt", "smc"), ("arm-kvm", "hvc")])
def test_a_psci_reset_is_no_success(machine: str, conduit: str, tmp_path: Path) -> None:
    """PSCI SYSTEM_RESET has a status of its own, which can be expected."""
    path = tmp_path / "guest.elf"
    code = f"_start: movw r0, #9\nmovt r0, #0x8400\n{conduit} #0\n"
    path.write_bytes(guest(code, "armv7ve", ARM_BASE).raw)
    assert trapline("run", "--machine", machine, str(path)).returncode == 9
    assert trapline("run", "--machine", machine, "--expect", "reset", str(path)).returncode == 0
