import base64
import string

from hypothesis import given, strategies as st

from dflint.build.redaction import MASK, Redactor


def test_secrets_and_their_usual_forms():
    redactor = Redactor(("p@ss word/1",), {})
    encoded = base64.b64encode(b"p@ss word/1").decode()
    text = f"a p@ss word/1 b {encoded} c p%40ss%20word%2F1 d"
    assert redactor.text(text) == f"a {MASK} b {MASK} c {MASK} d"


def test_each_line_of_a_secret():
    redactor = Redactor(("-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----\n",))
    assert redactor.text("[+] abcdefgh") == f"[+] {MASK}"


def test_build_arguments():
    redactor = Redactor(arguments={"TOKEN": "abc-def", "LEVEL": "2", "LANG": "en"})
    assert redactor.text("RUN |3 TOKEN=abc-def LEVEL=2 LANG=en ./x 2 en") == (
        f"RUN |3 TOKEN={MASK} LEVEL={MASK} LANG={MASK} ./x 2 en"
    )


def test_short_secrets_are_words():
    assert Redactor(("ab",)).text("ab abc a-ab=ab") == f"{MASK} abc a-{MASK}={MASK}"


def test_longer_values_first():
    assert Redactor(("secret", "secret-and-more")).text("secret-and-more") == MASK


def test_nothing_to_hide():
    assert Redactor(("", "\n"), {"EMPTY": ""}).text("a = b") == "a = b"


def test_data_keeps_its_form():
    redactor = Redactor(("hunter2",))
    data = {"hunter2": ["x hunter2", {"a": ("hunter2", 3, None)}]}
    assert redactor.data(data) == {"hunter2": [f"x {MASK}", {"a": [MASK, 3, None]}]}


@given(
    st.text(string.ascii_letters + string.digits + "/+=.*$^[](){}|\\", min_size=4, max_size=20),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_a_secret_never_stays(secret, before, after):
    redacted = Redactor((secret,)).text(before + secret + after)
    rest = redacted.replace(MASK, "\0")
    assert secret not in rest
