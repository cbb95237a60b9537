"""HTTP: the AWS endpoint and /_ebl, on one port."""
