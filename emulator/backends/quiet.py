"""Sessions of botocore that read neither the user's environment nor `~/.aws`: for our own clients, and for moto.

moto asks a session for the names of regions; a session of the usual kind parses the user's configuration and
credentials for that, and fails when `AWS_PROFILE` names none that is there.
"""

import os
from functools import cache
from typing import Any

import botocore.session
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider

from emulator.backends.context import WORK


@cache
def session() -> botocore.session.Session:
    """The one that all share: what it reads of AWS's models is read once."""
    return _silenced(botocore.session.Session())


def another() -> botocore.session.Session:
    """One of its own (boto3 adds to those that it is given), that shares the models."""
    made = _silenced(botocore.session.Session())
    made.register_component("data_loader", session().get_component("data_loader"))
    return made


@cache
def install() -> None:
    """Sessions that moto makes are quiet ones from now on; everybody else's are as they were."""
    session()  # of the usual class
    module: Any = botocore.session
    module.Session = _Session


class _Session(botocore.session.Session):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if WORK.get().changed is not None:  # within a service
            _silenced(self)
            self.register_component("data_loader", session().get_component("data_loader"))


def _silenced(session: botocore.session.Session) -> botocore.session.Session:
    values = {name: default for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    values |= {"config_file": os.devnull, "credentials_file": os.devnull, "s3": None, "proxies_config": None}
    providers = {name: ConstantProvider(value) for name, value in values.items()}
    session.register_component("config_store", ConfigValueStore(mapping=providers))
    return session
