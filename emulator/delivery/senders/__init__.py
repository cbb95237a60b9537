"""One file per kind of target that is not a service of ours."""
