"""Input, InputPath and InputTransformer: from an event to the payload of a target.  Pure."""
