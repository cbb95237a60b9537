"""Zip files of functions and layers, each once however many use it, and for as long as one does."""

import sqlite3

# What is in use: versions, what their layers were when they were given to them, and layers.
_USED = """
    SELECT archive FROM versions
    UNION SELECT json_extract(layer.value, '$[1]') FROM versions, json_each(versions.layers) AS layer
    UNION SELECT archive FROM layer_versions
"""


class Archives:
    """The table archives; a digest is the SHA-256 of the zip in hex."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, digest: str, content: bytes, unzipped: int) -> None:
        """`unzipped`: how many bytes come out of it."""
        self._db.execute(
            "INSERT OR IGNORE INTO archives (digest, unzipped, content) VALUES (?,?,?)", (digest, unzipped, content)
        )

    def content(self, digest: str) -> bytes | None:
        row = self._db.execute("SELECT content FROM archives WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else row[0]

    def unzipped(self, digest: str) -> int:
        """0 when there is none."""
        row = self._db.execute("SELECT unzipped FROM archives WHERE digest = ?", (digest,)).fetchone()
        return 0 if row is None else int(row[0])

    def collect(self) -> set[str]:
        """Throw away what nobody uses; the digests of what is left."""
        self._db.execute(f"DELETE FROM archives WHERE digest NOT IN ({_USED})")
        return {digest for (digest,) in self._db.execute("SELECT digest FROM archives")}
