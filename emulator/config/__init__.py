"""config.yaml: what the user writes, held against what AWS admits and what is there.

`load(path, environ)` and `parse(text, file, environ)` give a Config, or raise ConfigError with every problem at once:
`config.yaml:4:5: rules.charge-on-order.patern: unknown key. Did you mean "pattern"?`. Nothing is applied here.
"""

from emulator.config.loading import EmptyFile, load, parse
from emulator.config.result import Bus, Config, Function, Rule, Target

__all__ = ["Bus", "Config", "EmptyFile", "Function", "Rule", "Target", "load", "parse"]
