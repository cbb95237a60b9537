# Two commands on a fresh machine with Python 3.11 or newer: `make run` and `make test`.
# Each does all its own set-up, in .venv; PYTHON=python3.13 chooses another interpreter.

.PHONY: run test check bench clean

run:            ## install what is missing and start the emulator with config.yaml and functions/
	@scripts/run

test:           ## install what is missing, then lint, types, import contracts and every test
	@scripts/install dev
	@scripts/check
	@scripts/test

check:          ## lint, types and import contracts alone
	@scripts/install dev
	@scripts/check

bench:          ## the figures of the README's performance table
	@scripts/install dev
	@scripts/bench

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
