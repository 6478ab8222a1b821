"""Contract tests of the simulator: two independent Bot API clients and a public SMS client must find it real."""
