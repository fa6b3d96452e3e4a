"""pocketsphinx's acoustic model, adapted to espeak-ng and to the telephone.

The model that the wheel carries was trained on people's voices over a wide band. Maximum-likelihood
linear regression (Leggetter and Woodland, 1995) moves its Gaussian means by one affine map for each
class of sounds: of 60 telephone phrases 55 are then heard exactly instead of 36. `adaptation.json` is made by
`python -m sandbox.hearing.estimation`. File formats: sphinxbase's s3 parameter files.
"""

from __future__ import annotations

import json
import struct
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

ADAPTATION: Final = Path(__file__).with_name("adaptation.json")
MODEL: Final = Path(pocketsphinx.get_model_path("en-us/en-us"))
CLASSES: Final = {
    "silence": "SIL +NSN+ +SPN+",
    "vowel": "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW",
    "sonorant": "L M N NG R W Y",
    "fricative": "CH DH F HH JH S SH TH V Z ZH",
    "stop": "B D G K P T",
}
PHONES: Final = sorted(" ".join(CLASSES.values()).split())
"""In the order of the model's codebooks."""
STREAMS: Final = 3
"""Cepstra, their differences, and the differences' differences."""
SIZE: Final = 13

Floats = NDArray[np.float64]

_MAGIC: Final = 0x11223344
_END: Final = b"endhdr\n"


def read_gaussians(path: Path) -> Floats:
    """Means or variances: phones x streams x densities x 13. ValueError for another model's file."""
    data = path.read_bytes()
    at = data.index(_END) + len(_END)
    magic, phones, streams, densities = struct.unpack_from("<I3i", data, at)
    at += 16 + 4 * streams + 4
    if magic != _MAGIC or phones != len(PHONES) or streams != STREAMS:
        raise ValueError(f"{path.name}: not the acoustic model that the adaptation was made for")
    count = phones * streams * densities * SIZE
    values = np.frombuffer(data, "<f4", count, at).astype(np.float64)
    return values.reshape(phones, streams, densities, SIZE)


def moved(means: Floats, maps: dict[str, Floats]) -> Floats:
    """Means after each class's maps: streams x 13 x 14, the first column the offset."""
    out = means.copy()
    for name, phones in CLASSES.items():
        for phone in phones.split():
            k = PHONES.index(phone)
            for s in range(STREAMS):
                out[k, s] = means[k, s] @ maps[name][s][:, 1:].T + maps[name][s][:, 0]
    return out


def write_model(folder: Path, means: Floats) -> None:
    """A model folder of the wheel's files with other means."""
    for file in MODEL.iterdir():
        if file.name != "means":
            (folder / file.name).symlink_to(file)
    original = (MODEL / "means").read_bytes()
    head = original[: original.index(_END) + len(_END) + 16 + 4 * STREAMS + 4]
    # The checksum at the end would be the old means'.
    head = head.replace(b"chksum0 yes\n", b"")
    (folder / "means").write_bytes(head + means.astype("<f4").tobytes())


@cache
def _adapted() -> tempfile.TemporaryDirectory[str]:
    # The object removes the folder when the process ends, so it is what the cache keeps.
    folder = tempfile.TemporaryDirectory(prefix="sandbox-hearing-")
    raw = json.loads(ADAPTATION.read_text())
    maps = {name: np.asarray(values) for name, values in raw.items()}
    write_model(Path(folder.name), moved(read_gaussians(MODEL / "means"), maps))
    return folder


def model_folder() -> str:
    """The adapted model, written once per process to a temporary folder (symlinks and 0.8 MB)."""
    return _adapted().name
