"""rate(), cron(), at(): when does a schedule fire next?  Pure: the moment is passed in."""
