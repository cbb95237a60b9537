"""Amazon EventBridge (`events`): buses, rules, targets, permissions, tags, and events put by a client.

One module per resource; importing the package declares all of its operations.
"""

from emulator.services.events import buses, patterns, permissions, put_events, rules, tags, targets
from emulator.services.events.service import events

__all__ = ["buses", "events", "patterns", "permissions", "put_events", "rules", "tags", "targets"]
