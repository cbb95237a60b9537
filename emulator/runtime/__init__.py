"""Run one handler as Lambda would."""
