"""Input, InputPath and InputTransformer: from an event to the payload of a target.  Pure."""

from emulator.transform.apply import check_input, compile_input
from emulator.transform.context import Input, InputContext
from emulator.transform.faults import InvalidRendering, InvalidTransform

__all__ = ["Input", "InputContext", "InvalidRendering", "InvalidTransform", "check_input", "compile_input"]
