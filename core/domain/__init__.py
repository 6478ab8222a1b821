"""Pure and synchronous rules: no I/O, no clock, the standard library (and phonenumbers) only."""
