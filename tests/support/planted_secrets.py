"""Secrets of every sort that are to be found, each in a text it stands in.

Every one is made up at run time from parts, so that no scanner trips.
"""

# A sample stands on one line.
# ruff: noqa: E501

from __future__ import annotations

import base64
import random
import string

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
