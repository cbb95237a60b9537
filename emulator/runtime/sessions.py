"""`boto3.client(...)` uses a default session, which boto3 keeps in its module; here every sandbox has its own.

boto3 itself is imported once and shared: importing it is slow. It is imported by the user's code, never by this module.
The service models that it reads from JSON are shared too, for the same reason: the first client of a session takes
5 ms instead of 50, and every cold start has a session of its own.
"""

import sys
from collections.abc import Callable
from typing import Any

from emulator.runtime.current import CURRENT


def patch() -> Callable[[], None] | None:
    """Give each sandbox its default session. None while boto3 is not (completely) imported; else what undoes it."""
    boto3: Any = sys.modules.get("boto3")
    if boto3 is None or not hasattr(boto3, "resource"):
        return None
    get, setup = boto3._get_default_session, boto3.setup_default_session

    def setup_default_session(**kwargs: Any) -> None:
        sandbox = CURRENT.get()
        if sandbox is None:
            setup(**kwargs)
        else:
            sandbox.session = boto3.Session(**kwargs)

    def get_default_session() -> Any:
        sandbox = CURRENT.get()
        if sandbox is None:
            return get()
        if sandbox.session is None:
            sandbox.session = boto3.Session()
        return sandbox.session

    share = _share_models(boto3)

    def undo() -> None:
        boto3._get_default_session, boto3.setup_default_session = get, setup
        share()

    boto3._get_default_session, boto3.setup_default_session = get_default_session, setup_default_session
    return undo


def _share_models(boto3: Any) -> Callable[[], None]:
    """Let the loaders of sandboxes' sessions have one cache, as the clients of one session have."""
    set_up = boto3.Session._setup_loader
    caches: dict[tuple[str, ...], Any] = {}

    def set_up_sharing(self: Any) -> None:
        set_up(self)
        if CURRENT.get() is not None:
            loader = self._loader
            loader._cache = caches.setdefault(tuple(loader.search_paths), loader._cache)

    boto3.Session._setup_loader = set_up_sharing

    def undo() -> None:
        boto3.Session._setup_loader = set_up

    return undo
