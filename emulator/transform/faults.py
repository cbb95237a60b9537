"""What can be wrong with a target's input: when it is put, and when it is rendered."""


class InvalidTransform(ValueError):
    """PutTargets refuses the target; `message` is AWS's text of the ValidationException."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRendering(ValueError):
    """The rendered `body` is not JSON: AWS does not retry, it goes to the dead-letter queue (INVALID_JSON)."""

    def __init__(self, body: str) -> None:
        super().__init__("Invalid input for target.")
        self.body = body
