"""What commands say to whoever typed them."""

import sys


def say(text: str) -> None:
    """One line for whoever typed the command."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> int:
    """One line of what is wrong; returns the exit status."""
    sys.stderr.write(f"{text}\n")
    return 2
