"""Secrets go, all else stays. Every secret here is made up at run time from parts, so that no scanner trips."""

# A sample stands on one line.
# ruff: noqa: E501

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proactive_collectors.events import (
    EditBurst,
    Event,
    Failure,
    Source,
    SuggestionShown,
    TaskRun,
    TerminalRun,
    WebVisited,
    Where,
    WindowFocused,
)  # fmt: skip
from proactive_collectors.redaction import MAX_CHARACTERS, REDACTED, Redactor
from proactive_collectors.text import Change, Position, Range, split_lines
from secret_samples import PEM_BODY, POSITIVE, TOKENS, WORD, pem

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
NEGATIVE: list[tuple[str, str | None]] = [
    ("commit 1e12b86d6f1bb20e0d40c3b8a54b0b7cc2a9d7c1", None),
    ("HEAD is now at 1e12b86 Foundation", "terminal"),
    ('rev = "1e12b86d6f1bb20e0d40c3b8a54b0b7cc2a9d7c1"', "toml"),
    ("id: 123e4567-e89b-12d3-a456-426614174000", "yaml"),
    ('"integrity": "sha512-9fBz0nTRl1YzHkYc9o2sLTZ2Xw+NwQ7d0JvYb3Wk6pQH/zv5qk3lNq8mS1t4uVxY7aBcDeFgHiJkLmN0pQrStw=="',
     "json"),
    ('hash = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"', "toml"),
    ("golang.org/x/mod v0.14.0 h1:dGoOF9QVLYng8IHTm7BAyWqCqSheQ5pYWGhzW00YJr0=", None),
    ("FROM python@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "dockerfile"),
    ("/home/me/projects/app/src/components/TokenInput2/PasswordField.test.tsx", None),
    ("https://example.org/docs/reset-password?page=2&lang=en#token", None),
    ("http://localhost:8080/path/user@example.org", None),
    ("ssh://git@github.com/me/app.git", None),
    ("git@github.com:me/app.git", "terminal"),
    ("Lorem ipsum dolor sit amet, consectetur adipiscing elit.", None),
    ("tests/test_auth.py::test_password_reset_token_expires PASSED [ 12%]", "terminal"),
    ("FAILED tests/test_tokens.py::test_token[abc123-def] - AssertionError: assert 3 == 4", "terminal"),
    ("def check_password(password: str, hashed: bytes) -> bool:", "python"),
    ("token = tokenizer.next_token(text)", "python"),
    ("password = get_password(user)", "python"),
    ("password = None", "python"),
    ("password = self.password", "python"),
    ("const token = process.env.API_TOKEN;", "javascript"),
    ("const token = await getToken();", "typescript"),
    ('api_key = os.environ["OPENAI_API_KEY"]', "python"),
    ('api_key_name = "OPENAI_API_KEY"', "python"),
    ("token=token, secret=secret, password=password)", "python"),
    ("self.password = password", "python"),
    ("max_tokens = 4096", "python"),
    ("tokens: 128000", "yaml"),
    ("interface Login { password: string; token?: string }", "typescript"),
    ("type Config struct { Password string; Token *string }", "go"),
    ("fn token(&self) -> Option<&Token> {", "rust"),
    ("SyntaxError: Unexpected token '}' in JSON at position 42", "terminal"),
    ("error: unexpected token: identifier", "terminal"),
    ("The password must be at least 8 characters long.", None),
    ('label: "Enter your password"', "yaml"),
    ('<input type="password" name="password" id="password">', "html"),
    ("password = ${DB_PASSWORD}", "ini"),
    ('password: "{{ vault_password }}"', "yaml"),
    ("PASSWORD=$1", "shellscript"),
    ("password = <your password>", None),
    ("api_key = 'your-api-key'", "python"),
    ("postgres://user:${PASSWORD}@localhost/db", None),
    ("getUserByEmailAndTwoFactorAuthenticationCode2", None),
    ('name = "getUserByEmailAndTwoFactorAuthenticationCode2"', "python"),
    ('model = "Qwen2.5-Coder-7B-Instruct-GPTQ-Int4"', "python"),
    ('path = "src/components2/FooBar/index3/BazQux"', "python"),
    ("task-someverylongidentifierwithdashes-and-more", None),
    ("class RiskAssessment: pass", "python"),
    ("for key, value in mapping.items(): print(key, value)", "python"),
    ("key = lambda item: item.name", "python"),
    ("monkey = 3; keyboard = 'qwerty'", "python"),
    ("-----BEGIN CERTIFICATE-----", None),
    ("import secrets\nfrom auth.tokens import Token", "python"),
    ("if token.kind == TokenKind.IDENT && password != nil {", "go"),
    ("The user replaced `passwd_file` by `password_file` in `load_config`.", None),
    ("docker run -p 8080:80 --name web nginx", "terminal"),
    ("mkdir -p src/app && cp -p a b", "terminal"),
    ("3 failed, 12 passed in 0.53s", "terminal"),
    ("NameError: name 'np' is not defined. Did you mean: 'pp'?", "terminal"),
    ("Set-up: bearer of good news authorization is needed", None),
    ("uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683", "yaml"),
    ("author = auth0 or basic", None),
    ("pytest -p no:cacheprovider -q", "terminal"),
    ("unzip -p archive.zip", "terminal"),
    ("env:\n  - name: PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: db-auth2", "yaml"),
    ("KeyError: 'api_key'", "terminal"),
    ("error TS2304: Cannot find name 'apiKey2'.", "terminal"),
    ("assert 'password' in form.errors", "python"),
    ("secret = secrets.token_hex(16)", "python"),
    ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host", None),
    ('"minipass": "^7.1.3",', "json"),
    ("bypass = 'proxy-1.2.3'", "python"),
    ("PWD=/home/me/projects/app2", "terminal"),
    ("OLDPWD=/tmp/x1", None),
    ("To turn it off, pass `size=0` or pass `--fast=1`.", None),
    ("tool --current-token --cut-at-cursor", "terminal"),
    ("git log --no-show-signature --pretty=format:%h", "terminal"),
    ("npm approve-scripts --no-allow-scripts-pin canvas", "terminal"),
    ('SENSITIVE_HEADERS = {"authorization", "proxy-authorization"}', "python"),
    ("headers = {'Authorization': v4auth_header}", "python"),
    ("def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:", "python"),
    ("Buffer.from(password, 'base64')", "javascript"),
    ("postgres://user:password@localhost:5432/db", None),
    ('"BSD-3-Clause-No-Nuclear-License-2014",', "json"),
    ("https://shop.example.org/?promo_code=SUMMER2026", None),
]  # fmt: skip


@pytest.mark.parametrize(("secret", "text", "context"), [p[1:] for p in POSITIVE], ids=[p[0] for p in POSITIVE])
def test_a_secret_goes_and_the_words_around_it_stay(secret: str, text: str, context: str | None) -> None:
    assert secret in text
    redacted = Redactor().text(text, context)
    assert REDACTED in redacted
    for piece in secret.split("\n"):
        assert piece not in redacted
    assert Redactor().text(redacted, context) == redacted


@pytest.mark.parametrize(("text", "context"), NEGATIVE)
def test_what_is_no_secret_stays(text: str, context: str | None) -> None:
    assert Redactor().text(text, context) == text


def test_the_sentence_stays_readable() -> None:
    text = f"The user ran 'psql postgres://app:{WORD}@db/app'; 1 test failed."
    assert Redactor().text(text) == f"The user ran 'psql postgres://app:{REDACTED}@db/app'; 1 test failed."


def test_the_sources_of_this_project_stay() -> None:
    import proactive_collectors.events as module

    source = Path(module.__file__).read_text(encoding="utf-8")
    assert Redactor().text(source, "python") == source


@given(
    st.text(max_size=300), st.sampled_from(sorted(TOKENS.values())), st.text(max_size=300),
    st.sampled_from([" ", "\n", '"', "'", "(", ",", "\t", ">"]), st.sampled_from([None, "python", "yaml", "terminal"]),
)  # fmt: skip
@example("", TOKENS["jwt"], "", " ", None)
def test_a_planted_token_never_survives(
    before: str, token: str, after: str, edge: str, context: str | None
) -> None:
    assert token not in Redactor().text(f"{before}{edge}{token}{edge}{after}", context)


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_planted_private_key_never_survives(before: str, after: str) -> None:
    redacted = Redactor().text(before + pem() + after)
    assert not any(line in redacted for line in PEM_BODY.split("\n"))


@given(
    st.text(alphabet="apskw-=:\"'/@ \n\\[]{}()<>&?eyJ.AKI0123token", max_size=400),
    st.sampled_from([None, "python"]),
)
def test_any_text_is_read_without_an_error_and_twice_is_once(text: str, context: str | None) -> None:
    once = Redactor().text(text, context)
    assert isinstance(once, str)
    assert Redactor().text(once, context).count(REDACTED) >= once.count(REDACTED)


@pytest.mark.parametrize("piece", ["a", "=", "QUJD", "eyJ", "://", "password=", "token:", "'", "curl -u "])
def test_a_huge_text_is_cut(piece: str) -> None:
    assert len(Redactor().text((piece * 1_000_000)[:1_000_000])) < MAX_CHARACTERS + 100


def test_a_secret_across_the_cut_does_not_survive_in_part() -> None:
    token = TOKENS["github"]
    text = "x" * (MAX_CHARACTERS - 10) + " " + token
    assert token[:8] not in Redactor().text(text)


def test_every_format_of_the_detector_is_found() -> None:
    from importlib import import_module

    modules = "aws azure_storage_key github_token gitlab_token jwt npm openai pypi_token slack stripe basic_auth"
    for _, secret, text, context in POSITIVE:
        for name in modules.split():
            module = import_module(f"detect_secrets.plugins.{name}")
            for detector in (
                d for d in vars(module).values() if isinstance(d, type) and d.__module__ == module.__name__
            ):
                for found in detector().analyze_string(text):
                    assert found not in Redactor().text(text, context) or len(found) < 6, (name, secret)


# --- events ------------------------------------------------------------------------------------------------


def event(data: object, **where: object) -> Event:
    return Event(time=NOW, source=Source.CLIENT, data=data, where=Where(**where))  # type: ignore[arg-type]


def test_every_string_of_an_event_is_looked_at() -> None:
    token = TOKENS["github"]
    for before in (
        event(
            TerminalRun(
                command=f"curl {token}", output=f"got {token}", failures=(Failure(message=f"bad {token}"),)
            )
        ),
        event(TaskRun(name=token, failures=(Failure(message="m", hint=token, path=f"/x/{token}"),))),
        event(WebVisited(url=f"https://a.b/?token={token}", title=token)),
        event(WindowFocused(app="x", title=f"vim {token}")),
        event(SuggestionShown(title=token)),
        event(EditBurst(changes=(Change(Range.of(0, 0, 0, 1), token, f"x = '{token}'"),))),
        event(WindowFocused(), uri=f"file:///{token}", symbol=token),
    ):
        after = Redactor().event(before)
        assert token not in repr(after)
        assert after.time == before.time
        assert type(after.data) is type(before.data)


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_secret_in_a_file_name_does_not_hide_behind_an_escape(token: str) -> None:
    path = Path(f"/work/my app/for {token} of me.txt")
    after = Redactor().event(event(WindowFocused(), uri=path.as_uri(), workspace=path.parent.as_uri()))
    assert unquote(after.where.uri or "") == "file:///work/my app/for [redacted] of me.txt"
    assert after.where.workspace == "file:///work/my%20app"


def test_a_clean_event_is_handed_back_itself() -> None:
    clean = event(
        TerminalRun(command="pytest -q", output="3 passed", failures=(Failure(message="m"),)), symbol="f"
    )
    assert Redactor().event(clean) is clean


def burst(after: str, *changes: Change, language: str = "python") -> Event:
    return Redactor().burst(event(EditBurst(changes=changes), language=language), split_lines(after))


def changes_of(result: Event) -> tuple[Change, ...]:
    assert isinstance(result.data, EditBurst)
    return result.data.changes


def test_the_second_half_of_a_token_is_redacted_by_its_line() -> None:
    token = TOKENS["github"]
    line = f"use('{token}')\n"
    half = Change(Range.of(1, 20, 1, 20), "", token[15:])
    (change,) = changes_of(burst(f"import x\n{line}", half))
    assert change.new_text == REDACTED
    assert change.range == half.range


def test_a_password_typed_after_its_name_is_redacted() -> None:
    text = f'password = "{WORD}"\n'
    (change,) = changes_of(burst(text, Change(Range.of(0, 12, 0, 12), "", WORD)))
    assert change.new_text == REDACTED


def test_what_stands_beside_the_secret_stays() -> None:
    text = f'connect(password="{WORD}", retries=3)\n'
    (change,) = changes_of(
        burst(text, Change(Range.of(0, 18 + len(WORD) + 1, 0, 18 + len(WORD) + 1), "", ", retries=3"))
    )
    assert change.new_text == ", retries=3"


def test_a_secret_that_is_removed_is_redacted() -> None:
    (change,) = changes_of(burst('password = ""\n', Change(Range.of(0, 12, 0, 12 + len(WORD)), WORD, "")))
    assert change.old_text == REDACTED


def test_a_secret_that_stood_only_in_between_is_redacted() -> None:
    typed = Change(Range.of(0, 12, 0, 12), "", WORD)
    removed = Change(Range.of(0, 12, 0, 12 + len(WORD)), WORD, "x")
    first, second = changes_of(burst('password = "x"\n', typed, removed))
    assert (first.new_text, second.old_text) == (REDACTED, REDACTED)


def test_a_line_inside_a_private_key_is_redacted() -> None:
    lines = pem().split("\n")
    inside = lines[3]
    (change,) = changes_of(burst("\n".join(lines), Change(Range.of(3, 0, 3, 0), "", inside)))
    assert inside not in change.new_text


def test_a_document_that_does_not_fit_the_burst_is_no_error() -> None:
    change = Change(Range(Position(90, 3), Position(95, 1)), "a\nb", f"password = '{WORD}'")
    (after,) = changes_of(burst("short", change))
    assert WORD not in after.new_text


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.text(max_size=8), st.text(max_size=8)), max_size=5)
)
def test_any_burst_is_redacted_without_an_error(raw: list[tuple[int, int, str, str]]) -> None:
    changes = [Change(Range(Position(a, b), Position(a, b + 2)), old, new) for a, b, old, new in raw]
    result = burst("one\ntwo = 'x'\r\nthree\n", *changes)
    assert len(changes_of(result)) == len(changes)
