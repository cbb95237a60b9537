import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.running import Running


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on `sys.path`, as site-packages is."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_functions_do_not_see_each_others_modules(running: Running) -> None:
    for name in ("orders", "billing"):
        running.write(f"{name}/app.py", "import utils\ndef handler(event, context): return utils.NAME")
        running.write(f"{name}/utils.py", f"NAME = {name!r}")
    orders, billing = (
        running.function(name=name, code=running.folder / name) for name in ("orders", "billing")
    )  # fmt: skip
    assert [running.result(function) for function in (orders, billing, orders, billing)] == [
        "orders", "billing", "orders", "billing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "import utils; x = utils.X",
        "from utils import X as x",
        "import utils as u; x = u.X",
        "import lib.deep.inner; x = lib.deep.inner.X",
        "import lib.deep.inner as i; x = i.X",
        "from lib.deep import inner; x = inner.X",
        "from lib import deep; x = deep.inner.X",
        "from lib.deep.inner import X as x",
        "import importlib; x = importlib.import_module('utils').X",
        "import importlib; x = importlib.import_module('lib.deep.inner').X",
        "import importlib; x = importlib.import_module('.inner', 'lib.deep').X",
        "x = __import__('utils').X",
        "x = __import__('lib.deep.inner', fromlist=['X']).X",
        "import plain.module; x = plain.module.X",
        "import orders.utils; x = orders.utils.X",
        "import functions.orders.utils; x = functions.orders.utils.X",
        "import sys, os; sys.path.append(os.path.dirname(__file__) + '/vendor'); import vendored; x = vendored.X",
    ],
)
@pytest.mark.parametrize("place", ["module", "handler", "thread", "pool"])
def test_every_way_to_import(running: Running, monkeypatch: pytest.MonkeyPatch, statement: str, place: str) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    files = {
        "utils.py": "X = 'mine'",
        "lib/__init__.py": "",
        "lib/deep/__init__.py": "from . import inner",
        "lib/deep/inner.py": "from utils import X",
        "plain/module.py": "X = 'mine'",
        "vendor/vendored.py": "X = 'mine'",
        "app.py": BODIES[place].replace("STATEMENT", statement),
    }
    for name, text in files.items():
        running.write(f"orders/{name}", text)
    before = {name: module for name, module in sys.modules.items() if name.startswith(("utils", "lib", "plain"))}
    assert running.result(running.function(name="orders", code=running.folder / "orders")) == "mine"
    running.executor.close()
    after = {name: module for name, module in sys.modules.items() if name.startswith(("utils", "lib", "plain"))}
    assert {name for name in after if not name.startswith("lib2to3")} == set(before)


BODIES = {
    "module": "STATEMENT\ndef handler(event, context): return x",
    "handler": "def handler(event, context):\n    STATEMENT\n    return x",
    "thread": """
import threading
def handler(event, context):
    found = []
    def work():
        STATEMENT
        found.append(x)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]
""",
    "pool": """
from concurrent.futures import ThreadPoolExecutor
def work():
    STATEMENT
    return x
def handler(event, context):
    with ThreadPoolExecutor() as pool:
        return pool.submit(work).result()
""",
}


def test_importing_everything(running: Running) -> None:
    running.write("utils.py", "X = 'mine'")
    running.write("stars/__init__.py", "__all__ = ['member']")
    running.write("stars/member.py", "X = 'mine'")
    source = "from utils import *\nfrom stars import *\ndef handler(event, context): return [X, member.X]"
    assert running.result(running.function(source)) == ["mine", "mine"]


def test_relative_imports_in_a_package(running: Running) -> None:
    running.write("orders/__init__.py", "")
    running.write("orders/app.py", "from . import utils\nfrom .lib.prices import VAT\n" + RETURN)
    running.write("orders/utils.py", "from .lib import prices\nNAME = __name__")
    running.write("orders/lib/__init__.py", "")
    running.write("orders/lib/prices.py", "from ..constants import VAT")
    running.write("orders/constants.py", "VAT = 19")
    assert running.result(running.function(name="orders", code=running.folder / "orders")) == ["orders.utils", 19]


RETURN = "def handler(event, context): return [utils.NAME, VAT]"


def test_circular_imports(running: Running) -> None:
    running.write("orders/app.py", "from shop import a\ndef handler(event, context): return a.both()")
    running.write("orders/shop/__init__.py", "")
    running.write("orders/shop/a.py", "from . import b\ndef both(): return b.name() + 'a'\ndef one(): return '1'")
    running.write("orders/shop/b.py", "from . import a\ndef name(): return a.one() + 'b'")
    assert running.result(running.function(name="orders", code=running.folder / "orders")) == "1ba"


def test_one_file_is_one_module(running: Running) -> None:
    running.write("orders/__init__.py", "")
    running.write("orders/app.py", "import state\nfrom . import state as same\n" + SAME)
    running.write("orders/state.py", "")
    assert running.result(running.function(name="orders", code=running.folder / "orders")) is True


SAME = "def handler(event, context): return state is same"


def test_what_is_not_the_functions_own_is_shared(running: Running, site: Path) -> None:
    (site / "shared_library.py").write_text("loads = []\n")
    source = "import shared_library\nshared_library.loads.append(__name__)\n"
    source += "def handler(event, context): return shared_library.loads"
    assert running.result(running.function(source, name="one")) == ["one"]
    assert running.result(running.function(source, name="two")) == ["one", "two"]


def test_a_library_does_not_get_the_functions_modules(running: Running, site: Path) -> None:
    (site / "careful_library.py").write_text("try:\n    import utils\nexcept ImportError:\n    utils = None\n")
    running.write("utils.py", "")
    source = "import careful_library, utils\ndef handler(event, context): return careful_library.utils is None"
    assert running.result(running.function(source)) is True


def test_a_plain_folder_does_not_hide_a_library(running: Running, site: Path) -> None:
    (site / "stripe_like.py").write_text("X = 'library'")
    running.write("stripe_like/notes.txt", "")
    assert running.result(running.function("import stripe_like\n" + X)) == "library"


def test_a_package_of_the_functions_own_hides_a_library(running: Running, site: Path) -> None:
    (site / "stripe_like.py").write_text("X = 'library'")
    running.write("stripe_like/__init__.py", "X = 'own'")
    assert running.result(running.function("import stripe_like\n" + X)) == "own"


X = "def handler(event, context): return stripe_like.X"


def test_the_standard_library_is_never_hidden(running: Running) -> None:
    running.write("email.py", "def handler(event, context): ...")
    source = "import email.message\ndef handler(event, context): return email.message.EmailMessage.__name__"
    assert running.result(running.function(source)) == "EmailMessage"


def test_a_failed_import_leaves_nothing_behind(running: Running) -> None:
    running.write("half.py", "value = 1\nraise RuntimeError('not today')")
    source = """
        def handler(event, context):
            for _ in range(2):
                try:
                    import half
                except RuntimeError as error:
                    seen = str(error)
            return seen
        """
    assert running.result(running.function(source)) == "not today"


def test_missing_members_of_own_packages(running: Running) -> None:
    running.write("lib/__init__.py", "")
    source = """
        def handler(event, context):
            messages = []
            for statement in ("import lib.nothing", "from lib import nothing", "import charge.nothing"):
                try:
                    exec(statement)
                except ImportError as error:
                    messages.append([type(error).__name__, str(error)])
            return messages
        """
    assert running.result(running.function(source)) == [
        ["ModuleNotFoundError", "No module named 'lib.nothing'"],
        ["ImportError", f"cannot import name 'nothing' from 'lib' ({running.folder}/lib/__init__.py)"],
        ["ModuleNotFoundError", "No module named 'charge.nothing'; 'charge' is not a package"],
    ]


def test_code_is_compiled_from_the_text_and_nothing_is_written(running: Running) -> None:
    running.write("utils.py", "")
    running.result(running.function("import utils\ndef handler(event, context): ..."))
    assert not list(running.folder.rglob("__pycache__"))


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize(
    ("files", "statement"),
    [
        ({"_shared.py": "X = 'shared'"}, "import _shared; x = _shared.X"),
        ({"_shared.py": "X = 'shared'"}, "import importlib; x = importlib.import_module('_shared').X"),
        ({"_shared/__init__.py": "", "_shared/money.py": "X = 'shared'"}, "from _shared.money import X as x"),
        ({"_shared/money.py": "X = 'shared'"}, "from _shared import money; x = money.X"),
        ({"_shared.py": "from _other import X", "_other.py": "X = 'shared'"}, "import _shared; x = _shared.X"),
    ],
)
def test_shared_code(running: Running, kind: str, files: dict[str, str], statement: str) -> None:
    for name, text in files.items():
        running.write(name, text)
    body = f"def handler(event, context):\n    {statement}\n    return x"
    running.write("other/app.py", body)
    assert running.result(running.function(name="other", code=running.folder / "other")) == "shared"
    if kind == "file":
        assert running.result(running.function(body)) == "shared"
    else:
        running.write("orders/app.py", body)
        assert running.result(running.function(name="orders", code=running.folder / "orders")) == "shared"


def test_each_function_has_shared_code_for_itself_and_reloads_it(running: Running) -> None:
    running.write("_shared.py", "seen = []\n")
    body = "import _shared\ndef handler(event, context): _shared.seen.append(event); return _shared.seen"
    one = running.function(body)
    running.write("orders/app.py", body)
    two = running.function(name="orders", code=running.folder / "orders")
    assert [running.result(one, 1), running.result(two, 2), running.result(one, 3)] == [[1], [2], [1, 3]]
    running.write("_shared.py", "seen = ['changed']\n")
    assert [running.result(two, 4), running.result(one, 5)] == [["changed", 4], ["changed", 5]]


def test_a_functions_own_module_comes_before_a_shared_one(running: Running) -> None:
    running.write("_shared.py", "X = 'shared'")
    running.write("orders/_shared.py", "X = 'own'")
    running.write("orders/app.py", "import _shared\ndef handler(event, context): return _shared.X")
    assert running.result(running.function(name="orders", code=running.folder / "orders")) == "own"


def test_other_files_beside_a_functions_folder_are_not_its_own(running: Running) -> None:
    """Not even when another function has imported them."""
    running.write("utils.py", "X = 1")
    assert running.result(running.function("import utils\ndef handler(event, context): return utils.X")) == 1
    for statement in ("import utils", "import importlib; importlib.import_module('utils')"):
        running.write("orders/app.py", f"{statement}\ndef handler(event, context): ...")
        error = running.error(running.function(name="orders", code=running.folder / "orders"))
        assert error["errorMessage"] == "Unable to import module 'app': No module named 'utils'"


@pytest.mark.parametrize("known", ["the host's", "another function's"])
def test_import_module_does_not_take_what_others_have_under_that_name(running: Running, site: Path, known: str) -> None:
    if known == "the host's":
        (site / "utils.py").write_text("Y = 'host'")
        __import__("utils")
    else:
        running.write("other/utils.py", "Y = 'other'")
        running.write("other/app.py", "import utils\ndef handler(event, context): return utils.Y")
        running.result(running.function(name="other", code=running.folder / "other"))
    running.write("orders/utils.py", "X = 'mine'")
    running.write(
        "orders/app.py",
        "import importlib\ndef handler(event, context): return importlib.import_module('utils').X",
    )
    assert running.result(running.function(name="orders", code=running.folder / "orders")) == "mine"
