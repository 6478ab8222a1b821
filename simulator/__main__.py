"""`python -m simulator`: the simulator by itself, for any bot that takes a Bot API address."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from .people import BotAccount, Json, Person
from .server import Simulator

_SAMPLE: Json = {
    "title": "Simulator",
    "bots": [{"id": 7000001, "token": "7000001:sample", "username": "sample_bot", "first_name": "Sample"}],
    "people": [
        {"id": 501, "first_name": "Анна", "phone": "+79160000001"},
        {"id": 502, "first_name": "Борис", "phone": "+79160000002", "role": "staff"},
    ],
}


def load(path: Path | None) -> Simulator:
    """The simulator that a file describes: {"title", "bots": […], "people": […], "sms_account": [email, key]}."""
    given: Json = _SAMPLE if path is None else json.loads(path.read_text("utf-8"))
    email, key = given.get("sms_account") or ("demo@example.com", "demo-key-of-the-simulator")
    return Simulator(
        [BotAccount(**bot) for bot in given["bots"]],
        [Person(**person) for person in given.get("people", [])],
        sms_account=(email, key),
        title=given.get("title", "Simulator"),
    )


async def run(simulator: Simulator, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await simulator.start(host, port)
    lines = [f"Page: {simulator.url}/", f"Bot API: {simulator.url}", f"SMS Aero: {simulator.url}/v2/"]
    for bot in simulator.world.bots.values():
        lines.append(f"@{bot.account.username}: {bot.account.token}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    try:
        await stopping.wait()
    finally:
        await simulator.stop()


def main() -> int:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--bots", type=Path, help="a JSON file with title, bots, people and sms_account")
    options = parser.parse_args()
    try:
        asyncio.run(run(load(options.bots), options.host, options.port))
    except OSError as error:
        sys.stderr.write(f"Can't listen on {options.host}:{options.port}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
