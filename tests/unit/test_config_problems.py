"""A wrong flowd.yaml: every problem at once, each with its line, column and fix, whatever is in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.config import ConfigProblems, Problem, Settings, load_settings, parse_settings

HEAD = "tenant: {base_currency: EUR, timezone: Europe/Berlin}\n"


def problems(text: str, environ: dict[str, str] | None = None) -> list[Problem]:
    with pytest.raises(ConfigProblems) as caught:
        parse_settings(text, file="flowd.yaml", environ=environ)
    return caught.value.problems


def only(text: str, environ: dict[str, str] | None = None) -> Problem:
    found = problems(text, environ)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    found = problems(
        "tenant: {base_currency: eur, timezone: Berlin}\n"
        "databse: {embedded: ./var/db}\n"
        "http: {listen: 8787}\n"
        "connections:\n"
        "  salary:\n"
        "    type: recurring\n"
        "    feeds: {accrue: {every: 30}}\n"
        "    enabled: maybe\n"
        "rules:\n"
        "  - {match: {text: ACME}, class: salry}\n",
        {"FLOWD__LOG__LEVEL": "loud"},
    )
    assert [(problem.line, problem.column, problem.where) for problem in found] == [
        (1, 25, "tenant.base_currency"),
        (1, 40, "tenant.timezone"),
        (2, 1, "databse"),
        (3, 16, "http.listen"),
        (7, 29, "connections.salary.feeds.accrue.every"),
        (8, 14, "connections.salary.enabled"),
        (10, 34, "rules[0].class"),
        (0, 0, "log.level"),
    ]
    assert all(problem.fix for problem in found)
    assert found[0].fix == "write EUR"
    assert "did you mean 'Europe/Berlin'?" in found[1].message
    assert "did you mean 'database'?" in found[2].message
    assert "127.0.0.1:8787" in found[3].fix
    assert "30s, 30m, 30h or 30d" in found[4].fix
    assert "did you mean 'salary'?" in found[6].message
    assert str(found[7]).startswith("environment FLOWD__LOG__LEVEL: ")


@pytest.mark.parametrize(
    ("text", "line", "column", "says", "fix"),
    [
        ("tenant: [1\n", 2, 1, "not readable as YAML", "brackets"),
        ("tenant:\n\tname: home\n", 2, 1, "not readable as YAML", "spaces, not with tabs"),
        ("a: b: c\n", 1, 5, "not readable as YAML", "in quotes"),
        ("a: *b\n", 1, 4, "undefined alias", "in quotes"),
        ("a: 1\n---\nb: 2\n", 2, 1, "single document", "second `---`"),
        ("a: \x07\n", 1, 4, "cannot be printed", "remove it"),
        ("- a\n- b\n", 1, 1, "must be groups", "docs/configuration.md"),
        (HEAD + "state: ./a\nstate: ./b\n", 3, 1, "written twice (first on line 2)", "keep one"),
        (HEAD + "state: !!python/name:os.system x\n", 2, 8, "has the tag", "remove the tag"),
        (HEAD + "http: {<<: {listen: x}}\n", 2, 8, "merges keys", "write the keys out"),
        (HEAD + "? [a, b]\n: c\n", 2, 3, "a key that is not a word", "key: value"),
        (HEAD + "plugins: &a [*a]\n", 2, 10, "contains itself", "alias"),
        (HEAD + "database: {url: '${DATABASE_URL}'}\n", 2, 17, "does not fill in", "{env: DATABASE_URL}"),
        (HEAD + "plugins: ecb\n", 2, 10, "must be a list", "- item"),
        (HEAD + "plugins: [1]\n", 2, 11, "must be text", "in quotes"),
        (HEAD + "streams: {a: {target: 4,200}}\n", 2, 25, "is not a setting", "comma inside"),
        (HEAD + "streams: {a: {target: many}}\n", 2, 23, "must be a number", "4200.10"),
        (HEAD + "streams: {a: {colour: red}}\n", 2, 15, "did you mean 'color'?", "color"),
        (HEAD + "streams: {a: {color: 'rgb(1)'}}\n", 2, 22, "not a colour", "green"),
        (HEAD + "streams: {a: {of: []}}\n", 2, 19, "empty list", "at least one"),
        (HEAD + "database: {embedded: ./db, url: x}\n", 2, 11, "both embedded and url", "keep the one"),
        (HEAD + "database: {url: x, port: 1}\n", 2, 11, "a port beside url", "into the url"),
        (HEAD + "database: {port: 70000}\n", 2, 18, "less than or equal to 65535", ""),
        (HEAD + "database: {port: 54x}\n", 2, 18, "whole number", "digits"),
        (HEAD + "database: {url: {env: NO_SUCH}}\n", 2, 17, "NO_SUCH, which is not set", "set NO_SUCH"),
        (HEAD + "http: {listen: 'localhost'}\n", 2, 16, "not an address", "host:port"),
        (HEAD + "http: 8787\n", 2, 7, "must be a group", "key: value"),
        (HEAD + "connections: {My Bank: {type: files}}\n", 2, 15, "cannot be used", "my-bank"),
        (HEAD + "connections: {a: {}}\n", 2, 15, "is missing", "type"),
        (HEAD + "connections: {a: {type: x, config: [1]}}\n", 2, 36, "must be a group", "key: value"),
        (HEAD + "connections: {a: {type: x, isolation: none}}\n", 2, 39, "not one of the words", "process, thread"),
        (HEAD + "rules: [{match: {}, class: salary}]\n", 2, 17, "no condition", "text: ACME"),
        (HEAD + "rules: [{match: {text: a}}]\n", 2, 9, "neither a class nor a stream", "class: salary"),
        (HEAD + "rules: [{match: {min: 5, max: 2}, class: fee}]\n", 2, 17, "min (5) above its max (2)", "exchange"),
        (HEAD + "rules: [{match: {text: ['']}, class: fee}]\n", 2, 24, "match everything", "remove it"),
        (HEAD + "rules: [{match: {min: -5}, class: fee}]\n", 2, 23, "greater than or equal to 0", ""),
        ("tenant: {name: home, timezone: UTC}\n", 1, 1, "is missing", "the one currency"),
        ("tenant: {base_currency: EUR, timezone: ../x}\n", 1, 40, "not a time zone", "IANA"),
        ("tenant: {base_currency: 1, timezone: UTC}\n", 1, 25, "not the code", "EUR"),
        ("", 0, 0, "is missing", "whose money"),
    ],
)
def test_each_problem_names_its_place_and_its_fix(text: str, line: int, column: int, says: str, fix: str) -> None:
    found = problems(text)
    match = [problem for problem in found if says in problem.message]
    assert match, [str(problem) for problem in found]
    assert (match[0].line, match[0].column) == (line, column)
    assert fix in match[0].fix


@pytest.mark.parametrize("length", ["30", "30 s x", "", "h", "0s", "367d", "1.5h", "-5m", "99999999w", "5M"])
def test_a_length_of_time_without_unit_or_sense_is_refused(length: str) -> None:
    assert only(HEAD + f"connections: {{a: {{type: x, feeds: {{f: {{every: '{length}'}}}}}}}}\n").where.endswith(
        "every"
    )


def test_a_secret_in_a_wrong_place_is_not_repeated_in_the_message() -> None:
    found = only(HEAD + "database: {url: {env: A, file: hunter2}}\n")
    assert "hunter2" not in str(found)


def test_a_file_that_grows_by_aliases_is_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert any("grows past" in problem.message for problem in problems("\n".join(lines)))


def test_deep_nesting_is_a_problem_and_not_a_crash() -> None:
    assert "too deeply" in only("[" * 20_000).message


def test_files_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    cases = {
        "missing.yaml": None,
        "latin.yaml": HEAD.encode() + "# für\n".encode("latin-1"),
        "wide.yaml": HEAD.encode("utf-16"),
        "big.yaml": b"#" * 2_000_000,
    }
    said = {}
    for name, content in cases.items():
        file = tmp_path / name
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ConfigProblems) as caught:
            load_settings(file, {})
        [problem] = caught.value.problems
        said[name] = (problem.line, problem.message, problem.fix)
    with pytest.raises(ConfigProblems, match="not a file"):
        load_settings(tmp_path, {})
    assert "flowd init" in said["missing.yaml"][2]
    assert said["latin.yaml"][0] == 2
    assert "UTF-8" in said["latin.yaml"][2]
    assert "UTF-8" in said["wide.yaml"][1]
    assert "limit" in said["big.yaml"][1]


def findings(text: str, environ: dict[str, str] | None = None) -> list[Problem]:
    try:
        parse_settings(text, environ=environ)
    except ConfigProblems as error:
        return error.problems
    return []


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
def test_any_text_gives_settings_or_problems(text: str) -> None:
    for problem in findings(text):
        assert problem.message


_leaf = st.none() | st.booleans() | st.integers() | st.text("abc:{}$ \n", max_size=8) | st.sampled_from(["30s", "EUR"])
_tree = st.recursive(
    _leaf,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "config", "feeds", "match", "class", "url", "env", "every", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*Settings.model_fields]), _tree, max_size=6))
def test_any_tree_gives_settings_or_problems_with_places(tree: dict[str, object]) -> None:
    import yaml

    text = yaml.safe_dump(tree)
    environ = {"FLOWD__CONNECTIONS__X__FEEDS__A__EVERY": "5s", "FLOWD__HTTP__LISTEN": "h:1"}
    for problem in findings(text, environ):
        assert problem.message
        assert problem.line > 0 or problem.variable is not None or problem.where == "tenant"
