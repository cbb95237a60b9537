"""Port, region and account as ./config.yaml has them, so that a command talks to what `ebl` started in this folder.

The standard library alone, and a look at three keys instead of reading YAML: `ebl put` and `ebl health` must start at
once. What is wrong with the file, `ebl start` says; here it is as good as not said.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

DEFAULT_PORT = "4566"
DEFAULT_REGION = "us-east-1"
DEFAULT_KEY = "test"
DEFAULT_ACCOUNT = "000000000000"

_KEY = re.compile(r"""^(["']?)(port|region|account)\1[ \t]*:(?=[ \t\r\n])[ \t]*(.*)$""", re.MULTILINE)
_VALUE = re.compile(r"""(["']?)([A-Za-z0-9-]+)\1[ \t]*(?:[ \t]#.*)?\r?""")
_DOUBTFUL = re.compile(r"""^\s*(?:(?:#.*|---.*)\n\s*)*[{!&%]""")


def configured(environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """`port`, `region` and `account` of the configuration, those that it has."""
    file = Path(environ.get("EBL_CONFIG") or "config.yaml")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    written = {found[2]: _VALUE.fullmatch(found[3]) for found in _KEY.finditer(text)}
    if _DOUBTFUL.match(text) or None in written.values():
        return _read(file, environ)
    return _usable({name: value[2] for name, value in written.items() if value is not None})


def environ_with(config: Path | None) -> Mapping[str, str]:
    """The environment of a command that was given this `--config`."""
    return os.environ if config is None else {**os.environ, "EBL_CONFIG": str(config)}


def default_url(environ: Mapping[str, str] = os.environ) -> str:
    """Where a server is looked for when no flag names one; a slash at its end is left as it is."""
    port = environ.get("EBL_PORT")
    if port in (None, "", "0"):  # 0 is any free port: nobody knows which
        port = None
    url = environ.get("EBL_ENDPOINT") or environ.get("AWS_ENDPOINT_URL")
    return url or f"http://localhost:{port or configured(environ).get('port', DEFAULT_PORT)}"


def region(environ: Mapping[str, str] = os.environ) -> str:
    """Where a command acts."""
    named = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    return named or configured(environ).get("region", DEFAULT_REGION)


def access_key(environ: Mapping[str, str] = os.environ) -> str:
    """Who a command is: an account's number is a key of that account, any other key belongs to the default one."""
    return environ.get("AWS_ACCESS_KEY_ID") or own_key(environ)


def own_key(environ: Mapping[str, str] = os.environ) -> str:
    """A key that is not real, of the account that the configuration names."""
    return configured(environ).get("account", DEFAULT_KEY)


def way_to(url: str, in_region: str, in_account: str, environ: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """What has to stand before and after a command for it to act there: `AWS_REGION=eu-west-1 `, ` --endpoint URL`.

    Both are empty where a second terminal in this folder gets there by itself.
    """
    # What may have been set for `ebl start` alone does not count.
    elsewhere = {name: value for name, value in environ.items() if name not in ("EBL_PORT", "EBL_CONFIG")}
    before = f"AWS_REGION={in_region} " if region(elsewhere) != in_region else ""
    if account(elsewhere) != in_account:
        before += f"AWS_ACCESS_KEY_ID={in_account} "
    return before, "" if default_url(elsewhere).rstrip("/") == url else f" --endpoint {url}"


def account(environ: Mapping[str, str] = os.environ) -> str:
    """Whose things a command sees."""
    key = access_key(environ)
    return key if re.fullmatch(r"\d{12}", key) else DEFAULT_ACCOUNT


def _read(file: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The slow way, for what the quick look cannot tell: `${PORT}`, `{port: 5000}`."""
    from emulator.config import load
    from emulator.errors import ConfigError

    try:
        config = load(file, environ)
    except ConfigError:
        return {}
    return _usable({"port": str(config.port), "region": config.region, "account": config.account})


def _usable(found: dict[str, str]) -> Mapping[str, str]:
    port, number = found.get("port", ""), found.get("account", "")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        found.pop("port", None)
    if number == DEFAULT_ACCOUNT or not re.fullmatch(r"\d{12}", number):
        found.pop("account", None)  # the default one needs no key of its own
    return found
