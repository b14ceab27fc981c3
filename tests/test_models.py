from tests.cast import Cast, connect


def test_a_key_reads_back_only_from_its_own_row(cast: Cast) -> None:
    connection = connect(cast.north, key="k" * 40, client=cast.acme)
    assert connection.secrets() == {"api_key": "k" * 40}
    assert "k" * 8 not in connection.credentials
