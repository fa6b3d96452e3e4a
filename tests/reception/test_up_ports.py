"""Ports that are taken, told with the variable to change."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from domain.environment import Environment
from reception.ports import LOOPBACK, Port, PortInUse, check_free, livekit_ports, rtp_range


@pytest.fixture(params=[False, True], ids=["tcp", "udp"])
def taken(request: pytest.FixtureRequest) -> Iterator[Port]:
    udp = request.param
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as held:
        held.bind((LOOPBACK, 0))
        if not udp:
            held.listen()
        yield Port(
            part="admin", number=held.getsockname()[1], variable="RECEPTION_ADMIN_PORT", udp=udp
        )


def test_a_taken_port_is_one_line_with_number_part_holder_and_variable(taken: Port) -> None:
    with pytest.raises(PortInUse) as refusal:
        check_free([taken])
    text = str(refusal.value)
    assert len(text.splitlines()) == 1
    assert f"port {taken.number}" in text
    assert "for admin" in text
    assert f"process {os.getpid()}" in text
    assert "RECEPTION_ADMIN_PORT" in text


def test_a_free_port_is_free_again_after_its_holder(taken: Port) -> None:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        number = probe.getsockname()[1]
    check_free([Port(part="admin", number=number, variable="RECEPTION_ADMIN_PORT")])


def test_two_parts_with_one_port_are_told() -> None:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        number = probe.getsockname()[1]
    with pytest.raises(PortInUse, match=r"RECEPTION_ADMIN_PORT.*RECEPTION_WORKER_PORT"):
        check_free(
            [
                Port(part="admin", number=number, variable="RECEPTION_ADMIN_PORT"),
                Port(part="worker", number=number, variable="RECEPTION_WORKER_PORT"),
            ]
        )


def test_three_taken_ports_of_one_variable_are_one_line() -> None:
    with socket.socket() as first, socket.socket() as second:
        first.bind((LOOPBACK, 0))
        first.listen()
        second.bind((LOOPBACK, 0))
        second.listen()
        ports = [
            Port(part="livekit", number=held.getsockname()[1], variable="RECEPTION_LIVEKIT_PORT")
            for held in (first, second)
        ]
        with pytest.raises(PortInUse) as refusal:
            check_free(ports)
    assert len(str(refusal.value).splitlines()) == 1


def test_livekit_takes_three_ports_in_a_row() -> None:
    environment = Environment(reception_livekit_port=30000, _env_file=None)  # type: ignore[call-arg]
    assert [(port.number, port.udp) for port in livekit_ports(environment)] == [
        (30000, False),
        (30001, False),
        (30002, True),
    ]


@pytest.mark.parametrize("given", ["20000-10000", "80-90", "60000-70000", "5000-5000"])
def test_an_impossible_rtp_range_is_refused_by_name(given: str) -> None:
    environment = Environment(reception_rtp_ports=given, _env_file=None)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="RECEPTION_RTP_PORTS"):
        rtp_range(environment)
