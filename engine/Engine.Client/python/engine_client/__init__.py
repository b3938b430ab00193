"""Several recommendation engines as one. EngineClient asks; messages has the messages and enums of the contract."""

from engine_client.client import EngineClient
from engine_client.contract import messages

__all__ = ["EngineClient", "messages"]
