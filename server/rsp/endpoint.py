"""Where a server listens: ``tcp:HOST:PORT`` on loopback, or ``unix:PATH``."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from ...isa.errors import TraplineError, reason_of

_LONGEST_PATH = 107
"""Bytes: what sockaddr_un has room for beside the zero byte."""
_FORMS = "write tcp:HOST:PORT (port 0 picks a free one) or unix:PATH"


class EndpointError(TraplineError):
    """An endpoint cannot be used; the hint says how to write one, or what else to do."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP endpoint (`host` and `port`) or a Unix socket (`path`)."""

    host: str = "127.0.0.1"
    port: int = 0
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read ``tcp:HOST:PORT``, ``tcp:PORT``, ``tcp:[::1]:PORT`` or ``unix:PATH``.

        Raises EndpointError.
        """
        scheme, separator, rest = text.partition(":")
        if not separator or scheme not in ("tcp", "unix"):
            raise EndpointError(f"endpoint {text!r} has no known scheme", _FORMS)
        if scheme == "unix":
            if not rest:
                raise EndpointError(f"endpoint {text!r} has no path", _FORMS)
            return cls(path=Path(rest))
        host, _, port = rest.rpartition(":")
        host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
        if not (port.isascii() and port.isdigit() and len(port) <= 9 and int(port) <= 0xFFFF):
            raise EndpointError(f"endpoint {text!r}: port {port!r} is not 0..65535", _FORMS)
        return cls(host=host, port=int(port))

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        return f"tcp:{self._bracketed_host()}:{self.port}"

    @property
    def gdb_argument(self) -> str:
        """What to write after ``target remote`` in GDB."""
        if self.path is not None:
            return str(self.path)
        return f"{self._bracketed_host()}:{self.port}"

    def is_loopback(self) -> bool:
        """Whether only programs on this machine can connect."""
        if self.path is not None or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def check(self, allow_remote: bool) -> None:
        """Raises EndpointError for what `listen` would refuse without trying."""
        if not allow_remote and not self.is_loopback():
            raise EndpointError(
                f"{self} can be reached from other machines, and the protocol has no password",
                "use 127.0.0.1 and an ssh tunnel, or say --allow-remote",
            )
        if self.path is not None and len(os.fsencode(self.path)) > _LONGEST_PATH:
            raise EndpointError(
                f"cannot listen on {self}: a socket's path has at most {_LONGEST_PATH} bytes",
                "use a shorter path, say in /tmp",
            )

    def listen(self, *, allow_remote: bool = False) -> tuple[socket.socket, Endpoint]:
        """A listening socket, and the endpoint with the port that was really taken.

        A debugger may do anything to the guest and nothing asks it for a password, so other machines
        are refused unless `allow_remote`. Raises EndpointError.
        """
        self.check(allow_remote)
        listener = socket.socket(self._family(), socket.SOCK_STREAM)
        try:
            if self.path is not None:
                _remove_left_behind(self.path)
                listener.bind(str(self.path))
                self.path.chmod(0o600)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((self.host, self.port))
            listener.listen()
        except OSError as error:
            listener.close()
            raise EndpointError(f"cannot listen on {self}: {reason_of(error)}", self._way_out(error)) from error
        if self.path is not None:
            return listener, self
        return listener, Endpoint(host=self.host, port=listener.getsockname()[1])

    def _way_out(self, error: OSError) -> str:
        if self.path is None:
            if error.errno == errno.EACCES:
                return "ports below 1024 are root's; port 0 picks a free one"
            return "port 0 picks a free one" if error.errno == errno.EADDRINUSE else "127.0.0.1 is always there"
        if error.errno == errno.EADDRINUSE:
            return "remove the file if no server uses it"
        return "name a folder that is there and that you can write to"

    def _family(self) -> socket.AddressFamily:
        if self.path is not None:
            return socket.AF_UNIX
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    def _bracketed_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def _remove_left_behind(path: Path) -> None:
    """Removes the socket of a server that was killed: nobody listens there."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except OSError:
            # Whatever else is wrong with it, `bind` says so.
            return
