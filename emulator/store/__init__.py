"""The state, in SQLite: the only package with SQL."""

from emulator.store.buses import Bus, BusKey
from emulator.store.database import Store, Transaction
from emulator.store.opening import StateRefused, StateTaken, StateTooNew
from emulator.store.rules import Rule, Target

__all__ = ["Bus", "BusKey", "Rule", "StateRefused", "StateTaken", "StateTooNew", "Store", "Target", "Transaction"]
