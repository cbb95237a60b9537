import boto3

from tests.runtime.running import Running

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def test_every_function_has_its_own_default_session(running: Running) -> None:
    before = boto3.DEFAULT_SESSION
    source = """
        import boto3
        def handler(event, context):
            client = boto3.client("events")
            return [client.meta.endpoint_url, client.meta.region_name]
        """
    one = running.function(
        source,
        name="one",
        environment=KEYS | {"AWS_ENDPOINT_URL": "http://localhost:1111", "AWS_DEFAULT_REGION": "eu-west-1"},
        timeout=60.0,
    )
    two = running.function(
        source,
        name="two",
        environment=KEYS | {"AWS_ENDPOINT_URL": "http://localhost:2222", "AWS_DEFAULT_REGION": "us-west-2"},
        timeout=60.0,
    )
    assert [running.result(function) for function in (one, two, one)] == [
        ["http://localhost:1111", "eu-west-1"],
        ["http://localhost:2222", "us-west-2"],
        ["http://localhost:1111", "eu-west-1"],
    ]
    assert boto3.DEFAULT_SESSION is before


def test_a_function_sets_up_its_own_default_session(running: Running) -> None:
    before = boto3.DEFAULT_SESSION
    source = """
        import boto3
        if SET_UP:
            boto3.setup_default_session(region_name="eu-north-1")
        def handler(event, context):
            return boto3._get_default_session().region_name
        """
    one = running.function(source.replace("SET_UP", "True"), name="one", timeout=60.0)
    two = running.function(source.replace("SET_UP", "False"), name="two", timeout=60.0)
    assert [running.result(function) for function in (one, two, one)] == ["eu-north-1", None, "eu-north-1"]
    assert boto3.DEFAULT_SESSION is before
    boto3.setup_default_session(region_name="us-east-1")
    assert boto3.DEFAULT_SESSION.region_name == "us-east-1"  # type: ignore[union-attr]
    boto3.DEFAULT_SESSION = before
    patched = boto3.setup_default_session
    running.executor.close()
    assert boto3.setup_default_session is not patched


def test_models_are_read_once(running: Running) -> None:
    source = """
        import boto3
        def handler(event, context):
            session = boto3.Session(region_name="us-east-1")
            return id(session._session.get_component("data_loader").load_service_model("sqs", "service-2"))
        """
    one, two = (running.function(source, name=name, timeout=60.0) for name in ("one", "two"))
    assert running.result(one) == running.result(two)
    loader = boto3.Session(region_name="us-east-1")._session.get_component("data_loader")
    assert id(loader.load_service_model("sqs", "service-2")) != running.result(one)
