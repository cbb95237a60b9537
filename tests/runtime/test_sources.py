"""What code is written in, and functions in other languages that are found in a folder."""

from pathlib import Path

import pytest

from emulator.runtime.function import discover, handler_of, main_file
from emulator.runtime.sources import node_handler, runtime_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("exports.handler = async () => {}", "handler"),
        ("module.exports.handler = () => {}", "handler"),
        ("module.exports = { handler }", "handler"),
        ("module.exports = {\n  other,\n  handle: 1 }", "handle"),
        ("export const handler = async () => {}", "handler"),
        ("export async function handler(event) {}", "handler"),
        ("export { run as handler }", "handler"),
        ("export function handle() {}", "handle"),
        ("__export(index_exports, {\n  handler: () => handler\n});", "handler"),
        ("const handler = 1", ""),
        ("exports.handlers = []", ""),
        ("", ""),
    ],
)
def test_the_handler_that_a_file_exports(tmp_path: Path, text: str, name: str) -> None:
    file = tmp_path / "index.js"
    file.write_text(text)
    assert node_handler(file) == name
    assert handler_of(file, "") == (f"index.{name}" if name else "")


def test_functions_of_every_kind_are_found(tmp_path: Path) -> None:
    node, python = "exports.handler = async () => 1", "def handler(event, context): pass"
    files = {
        "a.js": node, "b.mjs": "export const handler = 1", "c.cjs": node, "d.py": python, "f/app.js": node,
        "e/index.mjs": "export const handler = 1", "g/app.py": python, "g/index.js": node,
        "h/bootstrap": "#!/bin/sh", "i/bootstrap": "#!/bin/sh",
        "j.js": "const x = 1", "k/lib.js": node, "l.test.js": node, "_m.js": node, "n.ts": node,
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "h" / "bootstrap").chmod(0o755)
    found = dict(discover(tmp_path))
    assert sorted(found) == ["a", "b", "c", "d", "e", "f", "g", "h"]
    runtimes = [runtime_of(found[name]) for name in sorted(found)]
    node_runtime = "nodejs22.x"
    assert runtimes == [*[node_runtime] * 3, "", node_runtime, node_runtime, "", "provided.al2023"]
    assert main_file(tmp_path / "e") == tmp_path / "e" / "index.mjs"
    assert main_file(tmp_path / "g") == tmp_path / "g" / "app.py"
    assert [handler_of(found[name], "") for name in "bef"] == ["b.handler", "index.handler", "app.handler"]
