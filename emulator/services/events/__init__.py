"""EventBridge: buses, rules, targets, events."""
