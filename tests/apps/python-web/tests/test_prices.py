from fruit.prices import names


def test_names():
    assert names() == ["apple", "pear"]
