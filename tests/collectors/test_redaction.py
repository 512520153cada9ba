"""Secrets go, all else stays. Every secret here is made up at run time from parts, so that no scanner trips."""

# A sample stands on one line.
# ruff: noqa: E501

import base64
import random
import string
from datetime import UTC, datetime
from pathlib import Path

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

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
RANDOM = random.Random(7)


def of(alphabet: str, length: int) -> str:
    """A string of all the alphabet's classes."""
    classes = [
        c for c in (string.ascii_uppercase, string.ascii_lowercase, string.digits) if set(c) <= set(alphabet)
    ]
    forced = [RANDOM.choice(c) for c in classes for _ in range(2 if length > 12 else 1)]
    rest = [RANDOM.choice(alphabet) for _ in range(length - len(forced))]
    mixed = forced + rest
    RANDOM.shuffle(mixed)
    return "".join(mixed)


ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
HEX = "0123456789abcdef"
PEM_BODY = "\n".join(of(ALNUM + "+/", 64) for _ in range(6))


def pem(sort: str = "RSA ", newline: str = "\n", end: bool = True) -> str:
    text = (
        f"-----BEGIN {sort}PRIVATE "
        + f"KEY-----\n{PEM_BODY}\n"
        + (f"-----END {sort}PRIVATE KEY-----" if end else "")
    )
    return text.replace("\n", newline)


def jwt() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(b'{"sub":"1234567890","name":"Jo"}').decode().rstrip("=")
    return f"{head}.{body}.{of(ALNUM, 43)}"


TOKENS = {
    "aws id": "AK" + "IA" + of(string.ascii_uppercase + string.digits, 16),
    "aws temporary id": "AS" + "IA" + of(string.ascii_uppercase + string.digits, 16),
    "github": "gh" + "p_" + of(ALNUM, 36),
    "github app": "gh" + "s_" + of(ALNUM, 36),
    "github fine-grained": "github" + "_pat_" + of(ALNUM, 22) + "_" + of(ALNUM, 59),
    "gitlab": "gl" + "pat-" + of(ALNUM, 20),
    "gitlab runner": "gl" + "rt-" + of(ALNUM, 20),
    "npm": "np" + "m_" + of(ALNUM, 36),
    "pypi": "py" + "pi-AgEIcHlwaS5vcmc" + of(ALNUM, 80),
    "openai": "s" + "k-" + of(ALNUM, 20) + "T3Blbk" + "FJ" + of(ALNUM, 20),
    "openai project": "s" + "k-proj-" + of(ALNUM, 48),
    "anthropic": "s" + "k-ant-api03-" + of(ALNUM, 90) + "-" + of(ALNUM, 6) + "AA",
    "openrouter": "s" + "k-or-v1-" + "0a1" + of(HEX, 61),
    "hugging face": "h" + "f_" + of(ALNUM, 34),
    "groq": "gs" + "k_" + of(ALNUM, 52),
    "slack": "xo" + "xb-" + "1234567890-1234567890-" + of(ALNUM, 24),
    "stripe": "s" + "k_live_" + of(ALNUM, 24),
    "stripe restricted": "r" + "k_live_" + of(ALNUM, 24),
    "google api": "AI" + "za" + of(ALNUM, 35),
    "google oauth": "GOC" + "SPX-" + of(ALNUM, 28),
    "sendgrid": "S" + "G." + of(ALNUM, 22) + "." + of(ALNUM, 43),
    "digitalocean": "do" + "p_v1_" + "0a1" + of(HEX, 61),
    "telegram": "1234567890" + ":AA" + of(ALNUM, 33),
    "twilio": "S" + "K0a1" + of(HEX, 29),
    "square": "sq0" + "csp-" + of(ALNUM, 43),
    "mailchimp": "0a1" + of(HEX, 29) + "-us" + "12",
    "vault": "hv" + "s." + of(ALNUM, 24),
    "age": "AGE-" + "SECRET-KEY-1" + of(string.ascii_uppercase + string.digits, 58),
    "jwt": jwt(),
}
BASE64 = of(ALNUM, 18) + "/" + of(ALNUM, 11) + "+" + of(ALNUM, 9)
WORD = "hunter" + "2!"
RANDOM_32 = of(ALNUM, 32)
HEX_32 = "0a1f" + of(HEX, 28)

# (what, the secret, the text it stands in, context)
POSITIVE: list[tuple[str, str, str, str | None]] = [
    *((name, token, f"Use {token} here", None) for name, token in TOKENS.items()),
    *((f"{name} in code", token, f'client = Client("{token}", retries=3)', "python") for name, token in TOKENS.items()),
    ("pem", PEM_BODY, f"key:\n{pem()}\nafter", None),
    ("pem openssh", PEM_BODY, pem("OPENSSH "), None),
    ("pem cut at the end", PEM_BODY, pem(end=False), None),
    ("pem cut at the head", PEM_BODY, f"$ cat k\n{PEM_BODY}\n-----END RSA PRIVATE " + "KEY-----", "terminal"),
    ("gcp service account", PEM_BODY.replace("\n", "\\n"), f'{{"private_key": "{pem("", chr(92) + "n")}"}}', "json"),
    ("gcp key id", HEX_32, f'"private_key_id": "{HEX_32}",', "json"),
    ("postgres", WORD, f"postgres://app:{WORD}@db.example.org:5432/app", None),
    ("connection in a sentence", WORD, f"The user ran 'psql postgresql://app:{WORD}@h/db'; it failed.", None),
    ("redis without a user", WORD, f"REDIS_URL=redis://:{WORD}@localhost:6379/0", None),
    ("password with a slash", "p/w" + WORD, f"mysql://root:p/w{WORD}@localhost/x", None),
    ("token as user", RANDOM_32, f"git clone https://{RANDOM_32}@github.com/a/b", "terminal"),
    ("bearer", RANDOM_32, f"curl -H 'Authorization: Bearer {RANDOM_32}' https://a.b", "terminal"),
    ("bearer in python", RANDOM_32, f'headers = {{"Authorization": "Bearer {RANDOM_32}"}}', "python"),
    ("basic", BASE64, f"> Authorization: Basic {BASE64}", "terminal"),
    ("cookie", RANDOM_32, f"Cookie: sessionid={RANDOM_32}; theme=dark", None),
    ("python", WORD, f'password = "{WORD}"', "python"),
    ("python word", "swordfish", 'db_password = "swordfish"', "python"),
    ("python annotated", WORD, f'password: str = "{WORD}"', "python"),
    ("keyword argument", WORD, f'connect(host="h", password="{WORD}", port=1)', "python"),
    ("comparison", WORD, f'if password == "{WORD}":', "python"),
    ("javascript", RANDOM_32, f"const apiKey = '{RANDOM_32}';", "javascript"),
    ("typescript", RANDOM_32, f"const token: string = `{RANDOM_32}`;", "typescript"),
    ("object", RANDOM_32, f"{{ clientSecret: '{RANDOM_32}' }}", "typescript"),
    ("go", WORD, f'dbPassword := "{WORD}"', "go"),
    ("rust", RANDOM_32, f'let api_key: &str = "{RANDOM_32}";', "rust"),
    ("c", WORD, f'char password[] = "{WORD}";', "c"),
    ("define", WORD, f'#define PASSWORD "{WORD}"', "c"),
    ("ruby", WORD, f":password => '{WORD}'", "ruby"),
    ("php", WORD, f"$db['password'] = '{WORD}';", "php"),
    ("setter", WORD, f'setPassword("{WORD}")', "java"),
    ("json", WORD, f'"password": "{WORD}"', "json"),
    ("json in json", WORD, f'{{\\"password\\": \\"{WORD}\\"}}', "json"),
    ("yaml", "swordfish", "database:\n  password: swordfish\n", "yaml"),
    ("toml", RANDOM_32, f'api_key = "{RANDOM_32}"', "toml"),
    ("ini", "swordfish", "[db]\npassword = swordfish\n", "ini"),
    ("xml", WORD, f"<password>{WORD}</password>", "xml"),
    ("unclosed", WORD, f'password = "{WORD}', "python"),
    ("export", "abcdefgh", "export TOKEN=abcdefgh", None),
    ("environment", "abcdefgh", "GITHUB_TOKEN=abcdefgh npm publish", "terminal"),
    ("option", "swordfish", "tool login --password swordfish --user me", None),
    ("option with sign", "swordfish", "tool login --password=swordfish", None),
    ("option token", RANDOM_32, f"deploy --api-key {RANDOM_32}", None),
    ("mysql -p", "Swordfish", "mysql -u root -pSwordfish app", "terminal"),
    ("sshpass", "Swordfish", "sshpass -p Swordfish ssh me@host", "terminal"),
    ("curl -u", "Swordfish", "curl -u me:Swordfish https://a.b/c", "terminal"),
    ("docker login", "Swordfish", "docker login -u me -p Swordfish", "terminal"),
    ("echo into sudo", "Swordfish", "echo Swordfish | sudo -S ls", "terminal"),
    ("openssl", "Swordfish", "openssl rsa -in k -passin pass:Swordfish", "terminal"),
    ("url token", RANDOM_32, f"https://a.b/c?x=1&access_token={RANDOM_32}&y=2", None),
    ("url plain token", "abcdefgh", "https://a.b/c?token=abcdefgh#top", None),
    ("url signature", BASE64.replace("+", "%2B"), f"https://a.b/c?sv=1&sig={BASE64.replace('+', '%2B')}", None),
    ("aws secret", BASE64, f"aws_secret_access_key = {BASE64}", "ini"),
    ("aws secret beside the id", BASE64, f"{TOKENS['aws id']},{BASE64}", None),
    ("azure", BASE64, f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={BASE64}{BASE64}==;", None),
    ("npmrc", HEX_32, f"//registry.example.org/:_authToken={HEX_32}", None),
    ("entropy", RANDOM_32, f'FERNET = "{RANDOM_32}"', "python"),
    ("entropy in yaml", RANDOM_32, f"cluster: {RANDOM_32}", "yaml"),
    ("encryption key in hex", HEX_32, f'ENCRYPTION_KEY="{HEX_32}"', None),
    ("django", "x!" + RANDOM_32, f"SECRET_KEY = 'x!{RANDOM_32}'", "python"),
    ("slack hook", RANDOM_32, f"https://hooks.slack.com/services/T0000/B0000/{RANDOM_32}", None),
    ("sql", WORD, f"CREATE USER bob IDENTIFIED BY '{WORD}';", "sql"),
    ("postgres role", WORD, f"ALTER ROLE me WITH PASSWORD '{WORD}';", "sql"),
    ("netrc", WORD, f"machine h login me password {WORD}", "terminal"),
    ("yaml, on the next line", WORD, f"password:\n  {WORD}\n", "yaml"),
    ("yaml list", WORD, f"passwords:\n  - {WORD}\n", "yaml"),
    ("form", WORD, f"user=me&password={WORD}", None),
    ("kubernetes", WORD, f"kubectl create secret generic x --from-literal=password={WORD}", "terminal"),
    ("ado", WORD, f"Server=h;User Id=u;Password={WORD};", None),
    ("name in one word", WORD, f"dbpass = '{WORD}'", "python"),
    ("camel case", WORD, f'userPass: "{WORD}"', "typescript"),
    ("amazon signature", HEX_32, f"https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature={HEX_32}", None),
    ("prose", WORD, f"Your password is: {WORD}", None),
]  # fmt: skip

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
