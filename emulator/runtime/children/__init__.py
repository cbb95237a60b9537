"""Programs that run in processes of their own, started by path: nothing in them may need more than they bring."""
