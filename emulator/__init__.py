"""EventBridge Local: EventBridge and Lambda on one port of your own machine."""

__version__ = "0.1.0"
