"""The workflow runs the README's test command on every Python that the package says it supports."""

import re
import tomllib

import yaml

from tests.docs.page import ROOT

JOB = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["test"]
CLASSIFIERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]


def test_every_supported_python_is_tested() -> None:
    supported = [found[1] for line in CLASSIFIERS if (found := re.search(r":: (3\.\d+)$", line))]
    assert JOB["strategy"]["matrix"]["python"] == supported


def test_it_runs_make_test() -> None:
    assert JOB["steps"][-1] == {"run": "make test"}
