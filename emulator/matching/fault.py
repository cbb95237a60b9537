"""What is wrong with a text that should be JSON, in Jackson's words: for whoever reads it with something else."""

from emulator.matching.reader import END, END_ARRAY, END_OBJECT, NAME, START_ARRAY, START_OBJECT, Reader, Unreadable


def fault_in(text: str) -> str | None:
    """What Jackson says of a text that is not one JSON value, its source redacted; None when it is one (or nothing)."""
    reader = Reader(text, redacted=True)
    try:
        depth = 0
        while True:
            token = reader.next()
            if token == END:
                return None
            reader.text()
            depth += (token in (START_OBJECT, START_ARRAY)) - (token in (END_OBJECT, END_ARRAY))
            if depth == 0 and token != NAME:
                return None
    except Unreadable as refused:
        return str(refused)
