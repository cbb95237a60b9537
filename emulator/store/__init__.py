"""The state, in SQLite: the only package with SQL."""

from emulator.store.buses import Bus, BusKey
from emulator.store.database import StateTooNew, Store, Transaction
from emulator.store.rules import Rule, Target

__all__ = ["Bus", "BusKey", "Rule", "StateTooNew", "Store", "Target", "Transaction"]
