"""The simulated world: what is in it, what people do in it, and what can be seen of it."""

from .hands import Hands
from .looks import Looks


class World(Hands, Looks):
    """Bots, people and phones of one simulator. Belongs to the event loop that its server runs on."""
