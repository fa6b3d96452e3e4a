from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, strategies as st

from reception.caller import sdp
from reception.caller.rtp import Packet, parse as parse_rtp
from reception.caller.sip_message import (
    BadMessage,
    Message,
    Uri,
    answer_challenge,
    parameter,
    parse,
    refer_target,
    response_to,
)

INVITE = (
    b"INVITE sip:bob@192.0.2.4 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP a.example;branch=z9hG4bK1, SIP/2.0/UDP b.example;branch=z9hG4bK2\r\n"
    b'f: "Alice, the first" <sip:alice@192.0.2.1>;tag=88sja8x\r\n'
    b"t: <sip:bob@192.0.2.4>\r\n"
    b"i: 987asjd97y7atg\r\n"
    b"CSeq: 986759 INVITE\r\n"
    b"Subject: a line\r\n"
    b" that goes on\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"bodyrubbish after it"
)


def test_compact_names_lists_and_folded_lines_are_read() -> None:
    message = parse(INVITE)
    assert (message.method, message.uri) == ("INVITE", "sip:bob@192.0.2.4")
    assert len(message.all("via")) == 2
    assert message.branch == "z9hG4bK1"
    assert parameter(message.get("from"), "tag") == "88sja8x"
    assert message.get("subject") == "a line that goes on"
    assert message.cseq == (986759, "INVITE")
    assert message.body == "body"


def test_what_is_written_is_read_back() -> None:
    message = parse(INVITE)
    again = parse(message.encode())
    assert again == message


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"SIP/2.0 abc OK\r\n\r\n",
        INVITE.replace(b"CSeq", b"X-CSeq"),
        INVITE.replace(b"l: 4", b"l: 4000"),
        INVITE.replace(b"CSeq:", b"CSeq"),
    ],
)
def test_what_is_not_sip_is_refused(datagram: bytes) -> None:
    with pytest.raises(BadMessage):
        parse(datagram)


@given(st.binary(max_size=400))
def test_no_datagram_breaks_the_reader(datagram: bytes) -> None:
    with contextlib.suppress(BadMessage):
        parse(datagram)
    parse_rtp(datagram)


def test_a_response_copies_what_the_standard_says_and_adds_a_tag_once() -> None:
    request = parse(INVITE)
    response = response_to(request, 180, "Ringing", tag="mine")
    assert response.all("via") == request.all("via")
    assert response.get("to") == "<sip:bob@192.0.2.4>;tag=mine"
    request.headers = [
        (name, response.get("to") if name == "to" else value) for name, value in request.headers
    ]
    assert response_to(request, 200, "OK", tag="other").get("to") == response.get("to")


def test_uri_with_name_port_and_parameters() -> None:
    uri = Uri.parse('"Bob" <sip:+12025550100@127.0.0.1:5070;transport=udp>;tag=1')
    assert (uri.user, uri.host, uri.port) == ("+12025550100", "127.0.0.1", 5070)
    assert Uri.parse("sip:example.com").port == 5060
    with pytest.raises(BadMessage):
        Uri.parse("tel:+12025550100")


def test_digest_matches_the_example_of_rfc_2617() -> None:
    answer = answer_challenge(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
        method="GET",
        uri="/dir/index.html",
        username="Mufasa",
        password="Circle Of Life",
        cnonce="0a4f113b",
    )
    assert 'response="6629fae49393a05397450978507c4ef1"' in answer
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in answer


def test_digest_with_sha_256_matches_the_example_of_rfc_7616() -> None:
    answer = answer_challenge(
        'Digest realm="http-auth@example.org", qop="auth", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"',
        method="GET",
        uri="/dir/index.html",
        username="Mufasa",
        password="Circle of Life",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" in answer


def test_an_unknown_digest_is_refused() -> None:
    with pytest.raises(BadMessage, match="SHA-512"):
        answer_challenge(
            'Digest realm="r", nonce="n", algorithm=SHA-512',
            method="INVITE",
            uri="sip:a@b",
            username="u",
            password="p",
            cnonce="c",
        )


def test_a_description_is_read_back() -> None:
    text = sdp.describe(host="127.0.0.1", port=4000, session=7, direction="sendonly")
    media = sdp.read(text)
    assert (media.host, media.port, media.events) == ("127.0.0.1", 4000, 101)
    assert not media.receives
    assert media.answer_direction == "recvonly"


def test_the_audio_lines_address_wins_and_video_is_passed_over() -> None:
    media = sdp.read(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
        "m=video 9000 RTP/AVP 96\r\n"
        "m=audio 8000 RTP/AVP 8 0 97\r\nc=IN IP4 192.0.2.1\r\na=rtpmap:97 telephone-event/8000\r\n"
    )
    assert (media.host, media.port, media.events) == ("192.0.2.1", 8000, 97)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 8000 RTP/AVP 8\r\n",
        "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 0 RTP/AVP 0\r\n",
        "v=0\r\nm=audio 8000 RTP/AVP 0\r\n",
    ],
)
def test_a_description_without_usable_audio_is_not_acceptable(text: str) -> None:
    with pytest.raises(sdp.NotAcceptable):
        sdp.read(text)


def test_rtp_packets_are_read_back_and_other_datagrams_are_not() -> None:
    packet = Packet(0, 65535, 2**32 - 1, 12345, b"\xff" * 160, marker=True)
    assert parse_rtp(packet.encode()) == packet
    assert parse_rtp(b"\x80\xc8" + bytes(26)) is None  # an RTCP sender report
    assert parse_rtp(b"\x00\x01" + bytes(18)) is None  # STUN


def test_rtp_contributing_sources_extension_and_padding_are_left_out() -> None:
    head = Packet(0, 1, 2, 3, b"").encode()
    first = bytes([0x80 | 0x20 | 0x10 | 0x01])
    datagram = (
        first + head[1:] + b"CSRC" + b"\xbe\xde\x00\x01" + b"EXTN" + b"sound" + b"\x00\x00\x03"
    )
    packet = parse_rtp(datagram)
    assert packet is not None
    assert packet.payload == b"sound"


def test_a_message_knows_whether_it_is_a_request() -> None:
    assert Message(method="BYE").is_request
    assert not Message(status=200).is_request


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("<tel:+12025550122>", "tel:+12025550122"),
        ("tel:+12025550122", "tel:+12025550122"),
        ('"Desk" <sip:desk@192.0.2.9:5070>', "sip:desk@192.0.2.9:5070"),
    ],
)
def test_a_refer_names_a_sip_uri_or_a_telephone_number(header: str, target: str) -> None:
    assert refer_target(header) == target


@pytest.mark.parametrize("header", ["", "<>", "tel:", "mailto:desk@example.com"])
def test_a_refer_to_nobody_is_refused(header: str) -> None:
    with pytest.raises(BadMessage):
        refer_target(header)
