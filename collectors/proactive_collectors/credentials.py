"""Which files hold secrets, told by their names alone."""

from __future__ import annotations

import fnmatch
import os
import re
from functools import cache

CREDENTIALS = frozenset({
    # environments
    ".env*", "*.env", ".direnv/", ".flaskenv",
    # private keys and key stores
    "*.pem", "*.key", "*.ppk", "*.p8", "*.p12", "*.pfx", "*.pkcs12", "*.jks", "*.keystore", "*.bks", "*.kdb",
    "*.kdbx", "*.agekey", "*.asc", "*.gpg", "*.pgp", "*.ovpn", "*.keytab", "id_rsa*", "id_dsa*", "id_ecdsa*",
    "id_ed25519*",
    # credentials of tools
    ".netrc", "_netrc", ".npmrc", ".yarnrc.yml", ".pypirc", ".pgpass", ".my.cnf", ".mylogin.cnf",
    ".htpasswd",
    ".git-credentials", ".dockercfg", ".boto", ".s3cfg", ".vault-token", ".terraformrc", "terraform.rc",
    "*.tfvars",
    "*.tfvars.json", "*.tfstate", "*.tfstate.*", "kubeconfig*", "auth.json", "master.key", "service-account*.json",
    "service_account*.json", "client_secret*.json", "application_default_credentials.json",
    ".docker/config.json", ".kube/config", ".config/gh/hosts.yml",
    # by name
    "credentials*", ".credentials*", "*.credentials", "secret.*", "secrets.*", "*.secret", "*.secrets", ".secret*",
    "passwords.*", "*.sops.yaml", "*.sops.yml", "*.sops.json",
    # folders, and what a shell remembers
    ".secrets/", ".aws/", ".azure/", ".gcloud/", "gcloud/", ".ssh/", ".gnupg/", ".password-store/", ".vault/",
    ".*_history",
})  # fmt: skip
"""Files that hold secrets, by their name, case ignored: a glob for the last part of a path, ``folder/`` for all
below it, ``folder/file`` for the end of a path. Secrets in other files are the work of
:mod:`proactive_collectors.redaction`."""

_FOLDERS = frozenset(glob.rstrip("/") for glob in CREDENTIALS if glob.endswith("/"))
_PATHS = tuple("/" + glob for glob in CREDENTIALS if "/" in glob and not glob.endswith("/"))


@cache
def _names() -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(glob) for glob in CREDENTIALS if "/" not in glob))


def holds_credentials(path: str, directory: bool) -> bool:
    """Whether an absolute path is of a file that the table names, or lies below a folder of it.

    A workspace's own parents count, so that a home's ``.ssh`` opened as a workspace stays shut.
    """
    lowered = path.lower().replace(os.sep, "/")
    parts = lowered.split("/")
    if not _FOLDERS.isdisjoint(parts if directory else parts[:-1]):
        return True
    return not directory and (lowered.endswith(_PATHS) or _names().match(parts[-1]) is not None)
