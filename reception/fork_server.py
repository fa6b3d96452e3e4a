"""A fork server that shares its memory with the worker: forked from it, where multiprocessing starts a program.

What both have imported is one set of pages then (Linux copies a page when one of them writes to it), and
imported once: some 150 MiB and half the processor time of a start.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, util
from pathlib import Path
from typing import Any, Final

_MADV_DONTNEED: Final = 4
_OF_A_FILE: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d*\s")
"""The first line of a mapping in `/proc/self/smaps` (proc_pid_smaps(5)): private, not to be written, a file's."""
_MAPPING: Final = re.compile(r"[0-9a-f]+-[0-9a-f]+ ")


def start_fork_server(modules: Sequence[str]) -> None:
    """Import `modules` in this process, and fork the server of multiprocessing from it.

    Call it before this process has threads of its own. The last module may freeze what the others made (`gc.freeze`).
    """
    *before, last = modules
    forkserver.set_forkserver_preload(list(modules))
    for name in before:
        _import(name)
    _give_back()
    _import(last)
    # Whoever stops all processes of a service at once (systemd, a terminal) sends SIGTERM to this one and
    # to its jobs too. Without it the worker takes its jobs for dead, and a job that is hit is dead: the calls
    # would be dropped that a drain is to finish. What is ignored stays so through exec and fork; each ends
    # with the worker, when its pipe closes.
    handler = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with _forking():
            forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGTERM, handler)


def _import(name: str) -> None:
    # As the server itself does it: what can't be imported is passed over.
    with suppress(ImportError):
        importlib.import_module(name)


@contextmanager
def _forking() -> Iterator[None]:
    """What multiprocessing would start as a program of its own is forked from this process meanwhile: the
    fork server and the resource tracker. One that dies later is started in its own way."""
    utilities: Any = util
    spawn = utilities.spawnv_passfds
    utilities.spawnv_passfds = _fork
    try:
        yield
    finally:
        utilities.spawnv_passfds = spawn


def _fork(path: object, arguments: Sequence[str | bytes], descriptors: Sequence[int]) -> int:
    """`multiprocessing.util.spawnv_passfds` of `python … -c CODE`, without a new program; returns the process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        _close_all_but(descriptors)
        server: Any = forkserver
        # Held by the thread that forked, for ever in this process and in the jobs that it makes.
        server._forkserver._lock = threading.Lock()
        # The code that multiprocessing has written for the program.
        exec(os.fsdecode(arguments[-1]), {"__name__": "__main__"})  # noqa: S102
        code = 0
    except SystemExit:
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(code)


def _close_all_but(kept: Sequence[int]) -> None:
    """Else the server would hold the pipe open by whose end it is to learn that the worker is gone."""
    for descriptor in [int(name) for name in os.listdir("/proc/self/fd")]:
        if descriptor > 2 and descriptor not in kept:
            with suppress(OSError):
                os.close(descriptor)


def _give_back() -> None:
    """What was needed once: free memory, and pages of files that were only read at the start (packed weights,
    33 MiB; initialisers). What is used after all is mapped again."""
    gc.collect()
    libc = ctypes.CDLL(None)
    libc.malloc_trim(0)
    for start, end in list(_clean_files()):
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)


def _clean_files() -> Iterator[tuple[int, int]]:
    """Addresses of the files' mappings in which every page is as in the file."""
    found: tuple[int, int] | None = None
    # Read at once: mappings come and go with what is allocated.
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if _MAPPING.match(line):
            match = _OF_A_FILE.match(line)
            found = (int(match[1], 16), int(match[2], 16)) if match else None
        # The loader's own changes (relocations) are in no file, and would be lost.
        elif found and line.startswith("Anonymous:") and line.split()[1] == "0":
            yield found
