"""Event patterns: which of many rules does an event match, and why.  Pure: no I/O, no clock."""
