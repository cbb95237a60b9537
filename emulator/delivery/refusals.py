"""What AWS's services answer when EventBridge may not, or cannot, hand an event to a target.  Pure.

Texts recorded on AWS, September 2026, but where a comment says otherwise.
"""

from emulator.arn import Arn
from emulator.delivery.result import By, Result, Status
from emulator.delivery.statements import not_allowed
from emulator.ids import new_id

_CALLS = {"lambda": ("lambda:InvokeFunction", "AWSLambdaInternal", "AccessDeniedException")}
_QUEUE = ("sqs:sendmessage", "AmazonSQS", "AccessDenied")


def refused(code: str, message: str) -> Result:
    """A failure of EventBridge's own attempt that no retry would change."""
    return Result(Status.PERMANENT, error_type=code, error_message=message, by=By.EVENTBRIDGE)


def no_queue() -> Result:
    text = "The specified queue does not exist or you do not have access to it."
    return refused("NO_RESOURCE", _from(text, "AmazonSQS", 400, "AWS.SimpleQueueService.NonExistentQueue"))


def no_function(target_arn: str) -> Result:
    """The text is not recorded: it is Lambda's own, in the form of the others."""
    text = f"Function not found: {target_arn}"
    return refused("NO_RESOURCE", _from(text, "AWSLambdaInternal", 404, "ResourceNotFoundException"))


def denied(target_arn: str, why: str | None = None) -> Result:
    """A target whose policy does not let EventBridge in; `why` is the end of AWS's sentence, where it is another."""
    arn = Arn.parse(target_arn)
    service = "" if arn is None else arn.service
    if service == "events":
        return refused("NO_PERMISSIONS", "Lack of permissions to invoke cross account target.")
    action, name, code = _CALLS.get(service, _QUEUE)
    what = f"User: events.amazonaws.com is not authorized to perform: {action} on resource: {target_arn}"
    text = f"{what} {why or not_allowed(action)}"
    return refused("NO_PERMISSIONS", _from(text, name, 403, code))


def _from(text: str, service: str, status: int, code: str) -> str:
    return (
        f"{text} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {new_id()}; Proxy: null)"
    )
