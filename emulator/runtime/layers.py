"""Layers, which are folders, laid one over the other into the folder that a function has as /opt."""

import os
import shutil
import threading
from pathlib import Path


class Layers:
    """What was laid together is kept in `folder`, for the next environment of the same layers.  From any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, ...], Path] = {}

    def opt_of(self, layers: tuple[Path, ...]) -> Path | None:
        """None without layers. Raises OSError."""
        if len(layers) < 2:
            return layers[0].resolve() if layers else None
        with self._lock:
            known = self._known.get(layers)
            if known is None:
                known = self._folder / str(len(self._known))
                for layer in layers:
                    _add(layer.resolve(), known)
                self._known[layers] = known
            return known

    def forget(self) -> None:
        """The folder is gone."""
        with self._lock:
            self._known.clear()


def _add(layer: Path, folder: Path) -> None:
    for path, folders, names in os.walk(layer):
        target = folder / os.path.relpath(path, layer)
        for name in (*folders, *names):
            source, there = os.path.join(path, name), target / name
            if os.path.isdir(source) and not os.path.islink(source):
                if there.is_symlink() or there.is_file():
                    there.unlink()
                there.mkdir(parents=True, exist_ok=True)
                continue
            if there.is_dir() and not there.is_symlink():
                shutil.rmtree(there)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.unlink(missing_ok=True)
            _link(source, there)


def _link(source: str, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target, follow_symlinks=False)
