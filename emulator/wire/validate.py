"""The model's constraints, in AWS's words.  Knows no protocol: it looks at members that were read already."""

from emulator.wire.models import Operation


def check(operation: Operation, members: dict[str, object]) -> None:
    """Raises AWS's ValidationException when the members break what the model says about the input."""
