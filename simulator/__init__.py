"""A local Telegram: a Bot API server, an SMS gateway and a browser page, for developing and testing bots.

simulator = Simulator([BotAccount(1, "1:token", "shop_bot", "Shop")], [Person(7, "Anna", phone="+79160000007")])
await simulator.start()
simulator.world.send_text(7, "shop_bot", "hello")
answer = await simulator.world.wait_message(7, "shop_bot")
"""

from .chats import CallbackQuery, Message
from .errors import ApiError
from .faults import Fault
from .people import BotAccount, Person
from .server import Simulator
from .sms import Sms
from .world import World

__all__ = ["ApiError", "BotAccount", "CallbackQuery", "Fault", "Message", "Person", "Simulator", "Sms", "World"]
