"""The ports of one machine's parts, and whether somebody else has them."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from domain.environment import Environment
from reception.errors import ReceptionError

LOOPBACK = "127.0.0.1"


class PortInUse(ReceptionError):
    """Somebody else has a port we need; the message names port, holder and variable, a line each."""


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that a part will listen on."""

    part: str
    number: int
    variable: str
    udp: bool = False
    address: str = LOOPBACK


def livekit_ports(environment: Environment) -> list[Port]:
    """livekit-server: signalling, then media over TCP and UDP on the next two."""
    first, variable = environment.reception_livekit_port, "RECEPTION_LIVEKIT_PORT"
    return [
        Port(part="livekit", number=first, variable=variable),
        Port(part="livekit", number=first + 1, variable=variable),
        Port(part="livekit", number=first + 2, variable=variable, udp=True),
    ]


def sip_ports(environment: Environment, address: str) -> list[Port]:
    """redis and livekit-sip: signalling over UDP and TCP, and the first RTP port.

    Raises ValueError naming the variable when the RTP range is none.
    """
    first_rtp, _ = rtp_range(environment)
    number, variable = environment.reception_sip_port, "RECEPTION_SIP_PORT"
    return [
        Port(
            part="redis", number=environment.reception_redis_port, variable="RECEPTION_REDIS_PORT"
        ),
        Port(part="sip", number=number, variable=variable, udp=True, address=address),
        Port(part="sip", number=number, variable=variable, address=address),
        Port(
            part="sip", number=first_rtp, variable="RECEPTION_RTP_PORTS", udp=True, address=address
        ),
    ]


def rtp_range(environment: Environment) -> tuple[int, int]:
    """First and last RTP port. Raises ValueError naming the variable."""
    first, last = (int(number) for number in environment.reception_rtp_ports.split("-"))
    if not 1024 <= first < last <= 65535:
        raise ValueError(
            f"RECEPTION_RTP_PORTS: {environment.reception_rtp_ports} is no range within 1024-65535"
        )
    return first, last


def check_free(ports: Sequence[Port]) -> None:
    """Raise PortInUse when a port is taken, or two of our own parts are given the same."""
    # One line for each variable: a livekit-server of another run has three ports of ours.
    taken = {port.variable: port for port in reversed(ports) if not _is_free(port)}
    problems = [_in_use(port) for port in reversed(taken.values())]
    seen: dict[tuple[int, bool], Port] = {}
    for port in ports:
        other = seen.setdefault((port.number, port.udp), port)
        if other is not port:
            problems.append(
                f"port {port.number} is given to {other.part} ({other.variable}) and to"
                f" {port.part} ({port.variable})"
            )
    if problems:
        raise PortInUse("\n".join(dict.fromkeys(problems)))


def _is_free(port: Port) -> bool:
    kind = socket.SOCK_DGRAM if port.udp else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as attempt:
        if not port.udp:
            # A connection of an earlier run that still lingers in TIME_WAIT is not in our way.
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((port.address, port.number))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def _in_use(port: Port) -> str:
    protocol = "UDP" if port.udp else "TCP"
    return (
        f"port {port.number} ({protocol}, for {port.part}) is in use{_holder(port)};"
        f" free it or set {port.variable}"
    )


def _holder(port: Port) -> str:
    try:
        for connection in psutil.net_connections("udp" if port.udp else "tcp"):
            local = connection.laddr
            listening = port.udp or connection.status == psutil.CONN_LISTEN
            if local and local.port == port.number and listening and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return ""
