"""One package per AWS API, one module per resource, one function per operation."""
