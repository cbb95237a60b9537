"""moto's modules: imported when a service is first used, and the little that is changed in them then.

Nothing of moto's patching of botocore is switched on, and none of its servers is started.
"""

import importlib
import re
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from emulator.errors import AwsError

Handler = Callable[[Any, str, Any], Any]
Paths = list[tuple[re.Pattern[str], Handler]]

INSTALL = "pip install 'eventbridge-local[aws]'"

# Resources of the services that are ours.
_OURS = re.compile(r"AWS::(?:Events|EventSchemas|EventsV2|Lambda|Pipes|Scheduler|Serverless)::")

_importing = threading.Lock()

# S3's objects are closed by way of these lists, when moto is reset.
_TRACKED = ("FakeKey", "FakeMultipart")


def paths_of(service: str) -> Paths:
    """The paths of a service (`sqs`, `cognito-idp`) and who answers them.  Raises AwsError when moto has no such
    service, or lacks a package that it needs for it."""
    from emulator.backends import quiet

    quiet.install()
    with _importing:
        try:
            return _paths(service)
        except ModuleNotFoundError as error:
            raise missing(service, error) from error


def missing(service: str, error: ModuleNotFoundError) -> AwsError:
    """The refusal of what cannot be imported."""
    if (error.name or "").startswith("moto."):
        text = f"moto, which answers for the services that EventBridge Local does not have, has no service {service!r}."
        return AwsError("UnknownServiceException", text, status=501)
    text = f"moto needs the package {error.name!r} for this part of {service}: pip install {error.name}"
    return AwsError("NotImplementedException", text, status=501)


def forget() -> None:
    """Everything that moto holds.

    moto's own way makes every backend anew at once, which takes EC2 more than a second; here they are made when they
    are asked for.
    """
    from moto.core.base_backend import BackendDict, BaseBackend, backend_lock
    from moto.core.model_instances import model_data

    with backend_lock:
        for backends in BackendDict._instances:  # type: ignore[misc]
            for backend in (backend for regions in backends.values() for backend in regions.values()):
                if type(backend).reset is not BaseBackend.reset:  # it holds more than memory: S3 has files
                    backend.reset()
            backends.clear()
        BackendDict._instances.clear()  # type: ignore[misc]
        for model in (model_data["s3"].get(name) for name in _TRACKED):
            if model is not None:
                model.instances_tracked = []  # type: ignore[attr-defined]  # all closed by now


def _paths(service: str) -> Paths:
    import moto.backends
    from moto.core.base_backend import AccountSpecificBackend, BackendDict
    from moto.core.model_instances import model_data

    AccountSpecificBackend.get_session = classmethod(lambda cls: _session())  # type: ignore[method-assign, assignment]
    backends: Any = moto.backends.get_backend(service)  # type: ignore[call-overload]
    if "moto.sqs.models" in sys.modules:  # whoever has imported it
        importlib.import_module("emulator.backends.moto_queues").install()
    if "moto.cloudformation.parsing" in sys.modules:
        _refuse_what_is_ours()
    for models in model_data.values():
        for name, model in models.items():
            if name not in _TRACKED:
                model.instances_tracked = _Nobody()  # type: ignore[attr-defined]
    regions: Any = backends["000000000000"] if isinstance(backends, BackendDict) else backends
    backend = regions["us-east-1" if "us-east-1" in regions else "aws"]
    return [(re.compile(path), handler) for path, handler in backend.url_paths.items()]


@cache
def _session() -> Any:
    import boto3

    from emulator.backends import quiet

    return boto3.Session(botocore_session=quiet.another())


def _refuse_what_is_ours() -> None:
    """A stack with functions or rules would get moto's own ones, which nobody ever sees again."""
    from moto.cloudformation.exceptions import ValidationError
    from moto.cloudformation.parsing import ResourceMap

    load: Any = ResourceMap.load
    update: Any = ResourceMap.update
    if load.__module__ == __name__:
        return

    def check(template: dict[str, Any]) -> None:
        for resource in (template.get("Resources") or {}).values():
            kind = str(resource.get("Type"))
            if _OURS.match(kind):
                raise ValidationError(message=f"EventBridge Local does not make {kind} by CloudFormation yet.")

    def load_others(self: Any) -> None:
        check(self._template)
        load(self)

    def update_others(self: Any, template: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        check(template)
        update(self, template, *args, **kwargs)

    module: Any = ResourceMap
    module.load, module.update = load_others, update_others


class _Nobody(list[Any]):
    """moto's dashboard lists every message, record and item that there ever was; nobody looks at it here."""

    def append(self, instance: Any) -> None:
        pass
