"""What stands in the body of an error, whatever the protocol."""

from emulator.errors import AwsError
from emulator.wire.models import Members, Shape
from emulator.wire.writing import Writers


def members_of(shape: Shape | None, refusal: AwsError) -> Members:
    """The members of an error: the message under the name that the model gives it (`message` or `Message`), and what
    AWS fills in by itself: Lambda's `Type`, the `Code` of schemas.  A member given as None is left out, or, where
    the service writes nulls, null: some of Lambda's refusals have `"Type":null` (recorded Sep 2026).
    """
    members: Members = {}
    for name in shape.members if shape else ():
        if name == "Type":
            members[name] = "Service" if shape and shape.error_status >= 500 else "User"
        elif name == "Code":
            members[name] = refusal.code
        elif name.lower() == "message":
            members[name] = refusal.message
    if not any(name.lower() == "message" for name in members):
        members["message"] = refusal.message
    members |= refusal.members
    nulls = shape is not None and shape.model.metadata.get("writesNulls")
    return members if nulls else {name: value for name, value in members.items() if value is not None}


def body_of(shape: Shape | None, members: Members) -> Members:
    """The JSON object.  Members that the model does not have are written as they are: AWS sends some undeclared."""
    modelled = {name: value for name, value in members.items() if shape and name in shape.members and value is not None}
    others = {name: value for name, value in members.items() if name not in modelled}
    return (Writers().structure(shape)(modelled) if shape else {}) | others
