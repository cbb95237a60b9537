import builtins
import logging
import os
import socket
import subprocess
import sys
import threading

from emulator.runtime import hooks


def state() -> list[object]:
    return [
        type(os.environ),
        sys.stdout,
        sys.stderr,
        builtins.__import__,
        threading.Thread.start,
        subprocess.Popen.__init__,
        socket.getaddrinfo,
        socket.socket.connect,
        list(sys.meta_path),
        vars(logging.Logger).get("level"),
    ]


def test_the_process_is_left_as_it_was_found() -> None:
    before = state()
    hooks.acquire()
    during = state()
    hooks.acquire()
    hooks.release()
    assert state() == during
    assert during != before
    hooks.release()
    assert state() == before


def test_loggers_made_meanwhile_go_on_working() -> None:
    hooks.acquire()
    logger = logging.getLogger("tests.runtime.made_meanwhile")
    hooks.release()
    assert logger.level == logging.NOTSET
    assert not logger.isEnabledFor(logging.DEBUG)
