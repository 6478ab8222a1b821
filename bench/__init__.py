"""What performance claims rest on: each measurement beside its floor, interleaved, in one run."""
