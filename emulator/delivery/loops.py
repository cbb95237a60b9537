"""A chain of functions that cause each other is taken for a loop when it gets long, and ends; but not at a function
that is set to allow it (PutFunctionRecursionConfig)."""

from emulator.store.functions import named_in
from emulator.store.settings import SettingKey, Settings


def allows_loops(settings: Settings, function_arn: str) -> bool:
    """False for what is no function."""
    named = named_in(function_arn)
    found = None if named is None else settings.find(SettingKey("recursion", *named[:3]))
    return found is not None and found.members["RecursiveLoop"] == "Allow"
