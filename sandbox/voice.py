"""Speech from espeak-ng, in the process, through ctypes: the sandbox's voice and the caller's.

Source: espeak-ng's `speak_lib.h` (1.52).
"""

from __future__ import annotations

import ctypes
import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import espeakng_loader
import numpy as np
import soxr
from numpy.typing import NDArray

LEVEL_DBFS: Final = -20.0
"""RMS level of what is spoken, relative to full scale, silence left out."""
CALLER_VOICE: Final = "en-us"
"""The voice that the sandbox's recogniser understands best."""

_SYNCHRONOUS: Final = 2
_NO_EXIT: Final = 0x8000
_UTF8: Final = 1
_RATE, _PITCH = 1, 3
_WORDS_PER_MINUTE: Final = 160
_ESPEAK_NAME = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*(\+[a-z0-9]+)?")
_CACHE_BYTES: Final = 48 * 1024 * 1024


@dataclass(frozen=True)
class _Timbre:
    name: str
    pitch: int


_TIMBRES: Final = (
    _Timbre("en-us+f2", 52),
    _Timbre("en-us+m3", 38),
    _Timbre("en-us", 42),
    _Timbre("en-us+f2", 62),
    _Timbre("en-us+m6", 45),
)


def _timbre(voice: str, language: str | None) -> _Timbre:
    if _ESPEAK_NAME.fullmatch(voice):
        return _Timbre(voice, 45)
    picked = _TIMBRES[hashlib.sha256(voice.encode()).digest()[0] % len(_TIMBRES)]
    if not language or language == "en":
        return picked
    variant = picked.name.partition("+")[2]
    return _Timbre(f"{language}+{variant}" if variant else language, picked.pitch)


class _Espeak:
    """The library, initialised once. Not re-entrant, so callers take turns at `synthesise`."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._library: ctypes.CDLL | None = None
        self._rate = 22050
        self._heard: list[bytes] = []
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        # Kept on self: a collected callback would be called by C all the same.
        self._callback = kind(self._receive)

    def _receive(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if count > 0:
            self._heard.append(ctypes.string_at(samples, count * 2))
        return 0

    def _loaded(self) -> ctypes.CDLL:
        if self._library is None:
            library = ctypes.CDLL(espeakng_loader.get_library_path())
            rate = library.espeak_Initialize(
                _SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _NO_EXIT
            )
            if rate <= 0:
                raise RuntimeError("espeak-ng did not initialise: are its voices installed?")
            library.espeak_SetSynthCallback(self._callback)
            self._rate, self._library = rate, library
        return self._library

    def synthesise(self, text: str, timbre: _Timbre, speed: float) -> tuple[bytes, int]:
        """Raw PCM16 mono and its rate in Hz; raises ValueError for a voice espeak lacks."""
        with self._turn:
            library = self._loaded()
            if library.espeak_SetVoiceByName(timbre.name.encode()) != 0:
                raise ValueError(f"voice: espeak-ng has no voice {timbre.name!r}")
            library.espeak_SetParameter(_RATE, round(_WORDS_PER_MINUTE * speed), 0)
            library.espeak_SetParameter(_PITCH, timbre.pitch, 0)
            self._heard = []
            data = text.encode() + b"\0"
            status = library.espeak_Synth(data, len(data), 0, 1, 0, _UTF8, None, None)
            if status != 0:
                raise RuntimeError(f"espeak-ng failed with status {status}")
            heard, self._heard = self._heard, []
            return b"".join(heard), self._rate


class _Cache:
    """What was spoken, the longest unused forgotten first; bounded by bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._spoken: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: tuple[object, ...]) -> bytes | None:
        with self._turn:
            if key in self._spoken:
                self._spoken.move_to_end(key)
            return self._spoken.get(key)

    def put(self, key: tuple[object, ...], audio: bytes) -> None:
        with self._turn:
            self._held += len(audio) - len(self._spoken.pop(key, b""))
            self._spoken[key] = audio
            while self._held > self._limit and len(self._spoken) > 1:
                self._held -= len(self._spoken.popitem(last=False)[1])


_espeak = _Espeak()
_cache = _Cache(_CACHE_BYTES)


def speak(
    text: str,
    *,
    voice: str = CALLER_VOICE,
    sample_rate: int = 16000,
    speed: float = 1.0,
    language: str | None = None,
) -> bytes:
    """Speak `text`: PCM16 little-endian mono at `sample_rate` Hz, about -20 dBFS, no leading silence.

    `voice` is an espeak-ng voice (`en-us`, `en-us+f3`, `de`) or any other id, which always gets the
    same one of a few voices, in `language` (ISO 639-1) where given. `speed` 1.0 is 160 words a
    minute. Thread-safe; takes CPU, so call it off the event loop. Text with nothing to say
    gives b"". Raises ValueError naming `voice`, `sample_rate` or `speed`.
    """
    if not 8000 <= sample_rate <= 48000:
        raise ValueError(f"sample_rate: {sample_rate} Hz is not between 8000 and 48000")
    if not 0.3 <= speed <= 3.0:
        raise ValueError(f"speed: {speed} is not between 0.3 and 3.0")
    timbre = _timbre(voice, language)
    key = (text, timbre, sample_rate, speed)
    if (known := _cache.get(key)) is not None:
        return known
    raw, rate = _espeak.synthesise(text, timbre, speed)
    audio = _levelled(np.frombuffer(raw, dtype="<i2").astype(np.float32) / 32768.0, rate)
    if audio.size and rate != sample_rate:
        audio = soxr.resample(audio, rate, sample_rate)
    spoken = (np.clip(audio, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
    _cache.put(key, spoken)
    return spoken


def _levelled(audio: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Without silence at either end (30 ms kept at the tail), brought to LEVEL_DBFS."""
    voiced = np.flatnonzero(np.abs(audio) > 0.004)
    if not voiced.size:
        return audio[:0]
    cut = audio[voiced[0] : voiced[-1] + 1 + int(0.03 * rate)]
    loud = cut[np.abs(cut) > 0.01]
    rms = float(np.sqrt(np.mean(np.square(loud)))) if loud.size else 0.0
    if rms < 1e-6:
        return cut
    # A gain that clips would be heard as crackle: peaks stay under full scale.
    gain = min(10 ** (LEVEL_DBFS / 20) / rms, 0.95 / float(np.max(np.abs(cut))))
    return (cut * gain).astype(np.float32)
