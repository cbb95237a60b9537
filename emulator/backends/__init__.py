"""The neighbours: AWS services that are not ours, served by moto inside of this process or by an endpoint of the
user's.

`Neighbours` is what the rest of the emulator is given.  Knows HTTP requests as values, and nothing of rules, functions
or the store.  What is heavy (moto, botocore) is imported when it is first needed, never on the event loop's thread.
"""
