import json
import subprocess
import sys
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader

from emulator.wire.models import PATCHES, SERVICES, load_model, snake_case


def test_members_are_called_in_python_as_botocore_would_call_them() -> None:
    for service in SERVICES:
        model = load_model(service)
        names = {name for shape in model.shapes() if shape.type == "structure" for name in shape.members}
        names |= set(model.operations)

        assert {name: snake_case(name) for name in names} == {name: xform_name(name) for name in names}


def test_an_unknown_service_is_not_found() -> None:
    with pytest.raises(LookupError, match="'nothing'"):
        load_model("nothing")


def test_a_model_is_read_once_and_without_botocore() -> None:
    read = "import sys; from emulator.wire.models import load_model; load_model('events')"
    done = subprocess.run(
        [sys.executable, "-c", f"{read}; print('botocore' in sys.modules)"], capture_output=True, text=True, check=True
    )

    assert load_model("events") is load_model("events")
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("events", "InternalException"),
        ("lambda", "ServiceException"),
        ("scheduler", "InternalServerException"),
        ("pipes", "InternalException"),
        ("schemas", "InternalServerErrorException"),
    ],
)
def test_how_a_service_says_that_it_is_broken(service: str, code: str) -> None:
    assert load_model(service).internal_error == code


def test_errors_that_all_services_have_do_not_replace_those_that_one_declares() -> None:
    assert list(load_model("scheduler").shape("ValidationException").members) == ["Message"]
    assert list(load_model("lambda").shape("ValidationException").members) == ["message"]


@pytest.mark.parametrize("service", sorted({file.stem for file in PATCHES.glob("*.json")} & set(SERVICES)))
def test_every_patch_says_why_and_still_changes_something(service: str) -> None:
    patch = json.loads((PATCHES / f"{service}.json").read_text())
    model = Loader().load_service_model(service, "service-2")
    places: dict[tuple[str, ...], Any] = {("metadata",): patch["metadata"]} if "metadata" in patch else {}
    places |= {(part, name): value for part in ("operations", "shapes") for name, value in patch.get(part, {}).items()}

    for path, change in places.items():
        assert change["why"], path
        assert _changes(_at(model, path), change), f"{path}: the model says so by now"


def _at(model: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for name in path:
        model = model[name]
    return model


def _changes(model: Any, patch: dict[str, Any]) -> bool:
    """Is there anything in each part of the patch that the model does not say?"""
    for name, value in patch.items():
        if name == "why":
            continue
        if value is None and name not in model:
            return False
        if isinstance(value, dict) and name in model and not _changes(model[name], value):
            return False
        if model.get(name) == value:
            return False
    return True
