"""Faults of the machine in one sentence, with what to do about them."""

from __future__ import annotations

import errno
import os
import re

from tailproof.core.errors import TailproofError
from tailproof.core.printable import printable

SYSTEM_FAULT = 3
"""Exit code where a disk, a permission or memory stopped a command: neither the input nor training is at fault."""

REMEDIES = {
    errno.ENOSPC: "Make room on that disk, or name a folder on another one",
    errno.EDQUOT: "Make room in your quota, or name a folder on another disk",
    errno.EROFS: "Name a folder that can be written to",
    errno.EACCES: "Give yourself the right to it (ls -l shows who has it), or name another path",
    errno.EPERM: "Give yourself the right to it (ls -l shows who has it), or name another path",
    errno.ELOOP: "Its symbolic links lead in a circle: correct them, or name another path",
    errno.ENOTDIR: "A file stands where a folder is needed: correct the path",
    errno.EISDIR: "A folder stands where a file is needed: correct the path",
    errno.ENOENT: "Correct the path",
    errno.EEXIST: "Something stands there already: name another path",
    errno.ENAMETOOLONG: "Give a shorter name",
    errno.EMFILE: "Allow more open files (ulimit -n 4096), or close some",
    errno.ENFILE: "Close other programs: the machine has too many open files",
    errno.EIO: "The disk reports an error: check it (dmesg), and keep what matters on another one",
    errno.ESTALE: "The network disk is gone: mount it again",
    errno.ETXTBSY: "Another program uses it: wait for its end",
    errno.EBUSY: "Another program uses it: wait for its end",
    errno.EFBIG: "Allow larger files (ulimit -f unlimited), or name another disk",
}
DEFAULT_REMEDY = "See to that, and run the command again"
MENTIONED = re.compile(r"\(os error (\d+)\)|\[Errno (\d+)\]|errno[ :=]+(\d+)")


def message_of(error: TailproofError | OSError) -> str:
    """One sentence for an error that is no defect."""
    return str(error) if isinstance(error, TailproofError) else system_message(error) or str(error)


def system_message(error: BaseException) -> str | None:
    """One sentence for a fault of the machine; None for any other error.

    Errors of libraries count where they carry an error number of the system in their text.

    >>> system_message(OSError(errno.ENOSPC, "No space left on device", "runs/es"))
    'runs/es: No space left on device. Make room on that disk, or name a folder on another one.'
    """
    if isinstance(error, MemoryError):
        return "memory is not enough for this. Give fewer rows, features, members or placebos, or a larger machine."
    if isinstance(error, OSError) and error.errno is not None:
        paths = " → ".join(
            printable(str(path), allowed="") for path in (error.filename, error.filename2) if path is not None
        )
        return _sentence(error.errno, f"{paths}: " if paths else "")
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop from"):  # Path.resolve
        return _sentence(errno.ELOOP, "")
    if mention := MENTIONED.search(str(error)):
        return _sentence(int(next(group for group in mention.groups() if group)), "")
    return None


def _sentence(number: int, place: str) -> str:
    return f"{place}{os.strerror(number)}. {REMEDIES.get(number, DEFAULT_REMEDY)}."
