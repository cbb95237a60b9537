from datetime import datetime, timedelta


def day_before(time: str) -> str:
    """`2026-03-01T03:00:00Z` -> `2026-02-28`"""
    return (datetime.fromisoformat(time) - timedelta(days=1)).date().isoformat()
