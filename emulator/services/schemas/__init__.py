"""EventBridge Schemas."""
