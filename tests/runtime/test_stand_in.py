import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.runtime.running import Running

MODELS = """
from __future__ import annotations
from dataclasses import dataclass
@dataclass
class Item:
    price: int
@dataclass
class Order:
    item: Item
"""
LATE = """
import pickle, sys, typing
from models import Item, Order
def handler(event, context):
    again = pickle.loads(pickle.dumps(Order(Item(3))))
    hints = typing.get_type_hints(Order)
    module = sys.modules["models"]
    return [again == Order(Item(3)), hints["item"] is Item, module.Order is Order, module.__name__]
"""


def test_what_looks_into_sys_modules_finds_the_functions_own(running: Running) -> None:
    running.write("models.py", MODELS)
    assert running.result(running.function(LATE)) == [True, True, True, "models"]


def test_the_host_keeps_its_own_module_of_the_same_name(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "models.py").write_text("WHO = 'host'\n")
    monkeypatch.syspath_prepend(tmp_path / "host")
    running.write("models.py", "WHO = 'function'\n")
    source = "import models\ndef handler(event, context): models.SEEN = 1; return models.WHO"

    import models  # type: ignore[import-not-found]

    assert running.result(running.function(source)) == "function"
    assert sys.modules["models"].WHO == "host"
    assert not hasattr(sys.modules["models"], "SEEN")
    running.executor.close()
    assert sys.modules.pop("models") is models


def test_the_host_finds_its_own_module_later(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running.write("prices.py", "WHO = 'function'\n")
    running.result(running.function("import prices\ndef handler(event, context): ..."))
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "prices.py").write_text("WHO = 'host'\n")
    monkeypatch.syspath_prepend(tmp_path / "host")

    from prices import WHO  # type: ignore[import-not-found]

    assert WHO == "host"
    assert "prices" in repr(sys.modules["prices"])
    running.executor.close()
    assert sys.modules.pop("prices").WHO == "host"


def test_going_through_all_modules_imports_nothing(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.write("prices.py", "VAT = 19\n")
    running.result(running.function("import prices\ndef handler(event, context): ..."))
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "prices.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path / "host")
    module = sys.modules["prices"]
    assert (getattr(module, "__file__", None), module.__name__, module.__spec__) == (None, "prices", None)
    with pytest.raises(RuntimeError, match="imported"):
        _ = module.VAT


def test_outside_of_functions_a_functions_module_does_not_exist(running: Running) -> None:
    running.write("prices.py", "VAT = 19\n")
    running.result(running.function("import prices\ndef handler(event, context): ..."))
    with pytest.raises(ImportError):
        from prices import VAT  # noqa: F401
    running.executor.close()
    assert "prices" not in sys.modules


def test_it_says_whose_module_it_is_and_what_to_do(running: Running) -> None:
    running.write("prices.py", "VAT = 19\n")
    running.result(running.function("import prices\ndef handler(event, context): ..."))
    with pytest.raises(
        AttributeError, match=r"the emulator's process has no module 'prices': there is one among .*'_'"
    ):
        _ = sys.modules["prices"].VAT
    running.write("orders/app.py", "import sys\ndef handler(event, context): return sys.modules['prices'].VAT")
    error = running.error(running.function(name="orders", code=running.folder / "orders"))
    assert error["errorMessage"].startswith("the function orders has no module 'prices': there is one among")


def test_a_library_that_asks_first_gets_the_functions_own(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("asking")
    exec("def ask():\n    import models\n    return models.Item", vars(library))
    monkeypatch.setitem(sys.modules, "asking", library)
    running.write("models.py", MODELS)
    running.result(running.function("import models\ndef handler(event, context): ..."))
    running.write("orders/models.py", MODELS)
    source = """
        import asking
        def handler(event, context):
            item = asking.ask()
            import models
            return item is models.Item
        """
    running.write("orders/app.py", source)
    assert running.result(running.function(name="orders", code=running.folder / "orders")) is True
