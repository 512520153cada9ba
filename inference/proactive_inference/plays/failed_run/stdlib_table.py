"""Writes ``stdlib_symbols.json``: which well-known names the standard library defines, and where.

Run ``python -m proactive_inference.plays.failed_run.stdlib_table`` to write the file anew; it imports the modules
listed here (and no others) and notes their public names: ``__all__`` where there is one, else what does not start
with an underscore. The play itself only reads the file.

The file is one object of two::

    {"modules": {"json": ["JSONDecoder", "dump", ...]},            importable as a whole, with their names
     "symbols": {"Path": {"from": ["pathlib"]},                    importable from a module, the commonest first
                 "date": {"from": ["datetime"], "has": ["today", ...]}}}

``has`` lists the public attributes of classes whose names are written small, so that ``date.today()`` can be told
from somebody's variable called ``date``. A name that several of the modules define comes from the one that
`PREFERRED` says; where neither is much commoner it keeps both.
"""

from __future__ import annotations

import importlib
import json
import types
from pathlib import Path
from typing import Any

MODULES = (
    "abc", "argparse", "array", "ast", "asyncio", "atexit", "base64", "binascii", "bisect", "bz2", "calendar",
    "cmath", "cmd", "codecs", "collections", "collections.abc", "colorsys", "concurrent.futures",
    "configparser", "contextlib", "contextvars", "copy", "csv", "ctypes", "dataclasses", "datetime",
    "decimal", "difflib", "dis", "doctest", "email", "email.message", "enum", "errno", "fcntl", "filecmp",
    "fileinput", "fnmatch", "fractions", "functools", "gc", "getpass", "gettext", "glob", "graphlib", "gzip",
    "hashlib", "heapq", "hmac", "html", "html.parser", "http", "http.client", "http.server", "importlib",
    "importlib.metadata", "importlib.resources", "importlib.util", "inspect", "io", "ipaddress", "itertools",
    "json", "keyword", "linecache", "locale", "logging", "logging.config", "logging.handlers", "lzma", "math",
    "mimetypes", "multiprocessing", "numbers", "operator", "os", "os.path", "pathlib", "pickle", "pkgutil",
    "platform", "plistlib", "pprint", "queue", "random", "re", "reprlib", "sched", "secrets", "select",
    "selectors", "shelve", "shlex", "shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl",
    "stat", "statistics", "string", "struct", "subprocess", "sys", "sysconfig", "tarfile", "tempfile",
    "termios", "textwrap", "threading", "time", "timeit", "tokenize", "tomllib", "traceback", "tracemalloc",
    "types", "typing", "unicodedata", "unittest", "unittest.mock", "urllib", "urllib.error", "urllib.parse",
    "urllib.request", "uuid", "warnings", "wave", "weakref", "webbrowser", "xml.etree.ElementTree", "zipfile",
    "zlib", "zoneinfo",
)  # fmt: skip
"""The modules whose import may be offered as a whole: what programs import, not what the library is made of."""

ALL = "*"

FROM: dict[str, str] = {
    "abc": "ABC ABCMeta abstractmethod",
    "argparse": "ArgumentParser ArgumentTypeError RawDescriptionHelpFormatter",
    "ast": "literal_eval",
    "asyncio": "create_task gather get_running_loop to_thread wait_for Lock Queue Semaphore",
    "base64": "b64decode b64encode urlsafe_b64decode urlsafe_b64encode",
    "collections": ALL,
    "collections.abc": ALL,
    "concurrent.futures": "ThreadPoolExecutor ProcessPoolExecutor as_completed",
    "configparser": "ConfigParser RawConfigParser",
    "contextlib": ALL,
    "contextvars": "ContextVar copy_context",
    "copy": "copy deepcopy",
    "dataclasses": "asdict astuple dataclass field is_dataclass make_dataclass replace FrozenInstanceError "
    "InitVar KW_ONLY",
    "datetime": "UTC date datetime timedelta timezone tzinfo",
    "decimal": "Decimal InvalidOperation ROUND_DOWN ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP getcontext "
    "localcontext",
    "difflib": "SequenceMatcher get_close_matches unified_diff",
    "enum": "Enum Flag IntEnum IntFlag StrEnum auto",
    "fractions": "Fraction",
    "functools": "cache cached_property cmp_to_key lru_cache partial partialmethod reduce singledispatch "
    "singledispatchmethod total_ordering update_wrapper wraps",
    "getpass": "getpass",
    "glob": "glob",
    "hashlib": "md5 sha1 sha256 sha512 blake2b",
    "heapq": "heapify heappop heappush heapreplace nlargest nsmallest",
    "html.parser": "HTMLParser",
    "http": "HTTPStatus",
    "http.server": "BaseHTTPRequestHandler HTTPServer ThreadingHTTPServer",
    "importlib.metadata": "PackageNotFoundError",
    "io": "BytesIO StringIO TextIOWrapper",
    "itertools": ALL,
    "math": "ceil comb cos exp factorial floor gcd hypot isclose isfinite isinf isnan isqrt lcm log10 log2 perm "
    "prod radians sin sqrt tan atan2",
    "operator": "attrgetter itemgetter methodcaller",
    "pathlib": ALL,
    "pprint": "pformat pprint",
    "queue": "Empty Full LifoQueue PriorityQueue Queue",
    "random": "choice choices gauss randint randrange sample shuffle uniform",
    "shutil": "copyfile copyfileobj copytree rmtree",
    "socketserver": "BaseRequestHandler TCPServer ThreadingTCPServer",
    "statistics": "fmean mean median pstdev stdev",
    "string": "ascii_letters ascii_lowercase ascii_uppercase Template",
    "subprocess": "CalledProcessError CompletedProcess DEVNULL PIPE Popen TimeoutExpired check_call check_output",
    "tempfile": "NamedTemporaryFile SpooledTemporaryFile TemporaryDirectory TemporaryFile mkdtemp mkstemp",
    "textwrap": "dedent indent shorten",
    "threading": "Lock RLock Semaphore Thread ThreadError current_thread",
    "time": "localtime monotonic perf_counter perf_counter_ns process_time sleep strftime strptime",
    "timeit": "timeit",
    "traceback": "format_exc print_exc",
    "types": "FunctionType GeneratorType MappingProxyType MethodType ModuleType NoneType SimpleNamespace "
    "TracebackType",
    "typing": ALL,
    "unittest": "IsolatedAsyncioTestCase TestCase skipIf skipUnless",
    "unittest.mock": "AsyncMock MagicMock Mock PropertyMock mock_open patch sentinel",
    "urllib.error": "HTTPError URLError",
    "urllib.parse": "parse_qs parse_qsl quote quote_plus unquote urlencode urljoin urlparse urlsplit urlunparse "
    "urlunsplit",
    "urllib.request": "Request urlopen urlretrieve",
    "uuid": "UUID uuid1 uuid4 uuid5",
    "weakref": "WeakKeyDictionary WeakSet WeakValueDictionary finalize",
    "xml.etree.ElementTree": "SubElement",
    "zipfile": "BadZipFile ZipFile ZipInfo",
    "zoneinfo": "ZoneInfo ZoneInfoNotFoundError",
}
"""The modules that single names are commonly imported from, and which: all that is public, or these."""

PREFERRED = {
    "AbstractContextManager": "contextlib",
    "AbstractAsyncContextManager": "contextlib",
    "ChainMap": "collections",
    "Counter": "collections",
    "OrderedDict": "collections",
}
"""Names with more than one home, and the home that nearly every program means.

Beyond these, what :mod:`typing` has under the same name elsewhere (``Callable``, ``Iterable``) comes from there:
``typing``'s are the deprecated ones.
"""

TOO_COMMON = frozenset(
    {"Set", "Text", "IO", "count", "compress", "cast", "final", "override", "Required", "Match"}
)
"""Names that more often are somebody's own than the library's; a guess about them would mostly be wrong."""


def public(module: types.ModuleType) -> list[str]:
    """The names a module offers."""
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    return sorted({str(name) for name in names if hasattr(module, name)})


def table() -> dict[str, Any]:
    """The whole table, from the running interpreter's own library."""
    modules: dict[str, list[str]] = {}
    homes: dict[str, list[str]] = {}
    has: dict[str, list[str]] = {}
    for dotted in MODULES:
        try:
            module = importlib.import_module(dotted)
        except ImportError:  # not on this system
            continue
        modules[dotted] = sorted({name for name in vars(module) if not name.startswith("_")} | set(public(module)))
        chosen = FROM.get(dotted, "")
        for name in public(module) if chosen == ALL else chosen.split():
            value = getattr(module, name)
            if name in TOO_COMMON or isinstance(value, types.ModuleType):
                continue
            homes.setdefault(name, []).append(dotted)
            if isinstance(value, type) and name.islower():
                has[name] = sorted(attribute for attribute in dir(value) if not attribute.startswith("_"))
    symbols: dict[str, dict[str, list[str]]] = {}
    for name, found in sorted(homes.items()):
        if name in PREFERRED:
            found = [PREFERRED[name]]
        elif len(found) > 1 and "typing" in found:
            found = [home for home in found if home != "typing"]
        found.sort(key="asyncio".__eq__)  # the plain one first: who wants the other mostly imports asyncio whole
        if len(found) <= 2:
            symbols[name] = {"from": found} | ({"has": has[name]} if name in has else {})
    return {"modules": modules, "symbols": symbols}


def main() -> None:
    """Write the table next to this module."""
    target = Path(__file__).with_name("stdlib_symbols.json")
    target.write_text(json.dumps(table(), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
