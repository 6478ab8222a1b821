"""Where this process runs, as a name: processes of one name see each other by their numbers."""

import hashlib
import os
import socket
import uuid
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NUMBERS = Path("/proc/self/ns/pid")
_LONGEST = 24


def machine() -> str:
    """At most 24 characters: the beginning of the host's name, then what tells it from all others.

    Two servers may have one name, as may two containers, and then the number of a process that lives on the one
    says nothing on the other. So the name holds this start of the kernel and the space in which it numbers
    processes.
    """
    try:
        place = f"{_BOOT.read_text()}{_NUMBERS.stat().st_ino}"
    except OSError:  # not Linux: the network's hardware tells
        place = str(uuid.getnode())
    told_apart = hashlib.sha256(place.encode()).hexdigest()[:10]
    return f"{socket.gethostname()[: _LONGEST - len(told_apart) - 1]}-{told_apart}"


def name_of_process() -> str:
    """The machine and the process's number, as ``machine:number``."""
    return f"{machine()}:{os.getpid()}"
