"""ElevenLabs' output formats that the sandbox can make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import av
import numpy as np

_NAME: Final = re.compile(r"(pcm|mp3)_(\d+)(?:_(\d+))?")
_PCM_RATES: Final = frozenset({8000, 16000, 22050, 24000, 44100, 48000})
_MP3_RATES: Final = frozenset({22050, 44100})


@dataclass(frozen=True)
class Format:
    """`sample_rate` in Hz; `bit_rate` in bits a second, of mp3 only."""

    codec: str
    sample_rate: int
    bit_rate: int

    @property
    def mime(self) -> str:
        return "audio/mpeg" if self.codec == "mp3" else "audio/pcm"


def parse_format(name: str) -> Format:
    """`pcm_24000`, `mp3_22050_32`; ValueError for what the sandbox can't make."""
    match = _NAME.fullmatch(name)
    rates = {"pcm": _PCM_RATES, "mp3": _MP3_RATES}
    if match is None or int(match[2]) not in rates[match[1]]:
        raise ValueError(f"output_format: the sandbox doesn't make {name!r}")
    return Format(match[1], int(match[2]), int(match[3] or 0) * 1000)


def encode(pcm: bytes, form: Format) -> bytes:
    """PCM16 mono at the format's rate, in the format."""
    if form.codec == "pcm" or not pcm:
        return pcm
    context = av.CodecContext.create("libmp3lame", "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate = form.sample_rate
    context.bit_rate = form.bit_rate or 32000
    context.layout = "mono"
    context.format = av.AudioFormat("s16p")
    context.open()
    samples = np.frombuffer(pcm, dtype="<i2")
    size = context.frame_size or 1152
    coded = bytearray()
    for start in range(0, len(samples), size):
        piece = samples[start : start + size]
        frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16p", layout="mono")
        frame.sample_rate = form.sample_rate
        frame.pts = start
        for packet in context.encode(frame):
            coded += bytes(packet)
    for packet in context.encode(None):
        coded += bytes(packet)
    return bytes(coded)
