"""The command `ebl`: one module per command, and what they share.

Importing a command must stay cheap: what takes long to import (the server, the configuration) is imported inside
`ebl start` and the few others that need it.
"""

import time

STARTED = time.monotonic()
"""When the program began to import its own code."""
