"""AWS protocols from botocore's service models; knows no service of ours and no web framework."""
