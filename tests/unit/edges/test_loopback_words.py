"""What a browser or a person brings back is checked before it is used, and never repeated."""

from __future__ import annotations

import pytest

from flowd.edges.linking import Way, read_typed
from flowd.edges.loopback import plain, read_answer
from flowd.errors import AuthError, ConfigError

STATE = "s" * 43


def test_only_an_answer_with_our_state_counts() -> None:
    assert read_answer(f"code=abc&state={STATE}&x=", STATE) == {"code": "abc", "state": STATE, "x": ""}
    for query in ("", "code=abc", "code=abc&state=", f"code=abc&state={STATE}x", "code=abc&state=\u00fc\ud800"):
        assert read_answer(query, STATE) is None


def test_a_refusal_is_said_in_the_sources_words_and_no_more() -> None:
    with pytest.raises(AuthError, match=r"no access: access_denied: too late \(somebody said no there"):
        read_answer(f"error=access_denied&error_description=too%0alate&state={STATE}", STATE)
    with pytest.raises(AuthError, match="an error it does not name"):
        read_answer(f"error=&state={STATE}", STATE)
    # Without our state it is nobody's answer: a page cannot end the command.
    assert read_answer("error=access_denied", STATE) is None


def test_a_strangers_text_cannot_move_the_cursor() -> None:
    assert plain("a\x1b[2Jb\r\nc\u202ed" + "x" * 1000) == "a [2Jb  c d" + "x" * 289


@pytest.mark.parametrize("sign", ["?", "#"])
def test_a_pasted_address_is_read_like_the_browsers(sign: str) -> None:
    at = f"http://127.0.0.1:8788/callback{sign}"
    assert read_typed(f"{at}code=abc&state={STATE}", STATE)["code"] == "abc"
    with pytest.raises(ConfigError, match="not the answer to this attempt"):
        read_typed(f"{at}code=abc&state=other", STATE)


def test_a_pasted_code_is_the_code_and_what_was_typed() -> None:
    assert read_typed("abc", STATE) == {"code": "abc", "typed": "abc", "state": STATE}


def test_the_address_that_is_to_be_registered() -> None:
    way = Way(port=8788, redirect=None, browser=True, timeout=1)
    assert way.address == "http://127.0.0.1:8788/callback"
    assert Way(port=1, redirect="https://x.example/cb", browser=True, timeout=1).address == "https://x.example/cb"
