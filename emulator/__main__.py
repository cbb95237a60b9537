"""The entry of the command `ebl`, and of `python -m emulator`."""

import sys


def main() -> int:
    """Runs the command and returns its exit code."""
    if sys.argv[1:] == ["health"]:  # before click is imported: it is asked every other second
        from emulator.cli.health import main as health

        return health()
    from emulator.cli.commands import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
