"""Neighbouring services (S3, SQS, SNS, …)."""
