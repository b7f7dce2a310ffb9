"""Gets pip: one version of it, known by its hash, from the package index that pip itself would use."""

import base64
import configparser
import hashlib
import html.parser
import json
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request

WHEEL = "pip-26.3-py3-none-any.whl"
SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
# What pip uses where nobody has set another.
PUBLIC_INDEX = "https://pypi.org/simple"
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
LARGEST_BYTES, SECONDS = 16 << 20, 60


class Unobtainable(Exception):
    """There is no pip to be had; the text says why."""


def obtain(folder):
    """The wheel's path in `folder`, fetched when it is not there. Its hash is checked either way."""
    path = os.path.join(folder, WHEEL)
    if os.path.exists(path):
        with open(path, "rb") as file:
            require_hash(file.read(), path)
        return path
    index = index_url()
    try:
        content = fetch(link_to_wheel(index))[0]
    except (OSError, ValueError) as error:
        where = f"put {WHEEL} into '{folder}'"
        raise Unobtainable(f"no pip from the package index ({error}); set PIP_INDEX_URL or {where}") \
            from error
    require_hash(content, "what the package index sent")
    with open(f"{path}.new", "wb") as file:
        file.write(content)
    os.replace(f"{path}.new", path)
    return path


def require_hash(content, what):
    """Refuses anything but the very wheel that is meant."""
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise Unobtainable(f"{what} is not {WHEEL}: its SHA-256 is {found}, not {SHA256}")


def index_url():
    """The package index, as pip's own settings name it."""
    parser = configparser.RawConfigParser()
    home = os.path.expanduser("~")
    files = ["/etc/pip.conf", f"{home}/.pip/pip.conf", f"{home}/.config/pip/pip.conf"]
    own = os.environ.get("PIP_CONFIG_FILE")
    try:
        parser.read(files if own is None else [*files, own], encoding="utf-8")
    except configparser.Error as error:
        raise Unobtainable(f"pip's settings cannot be read: {error}") from error
    set_there = [parser.get(section, "index-url", fallback=None) for section in ("install", "global")]
    return os.environ.get("PIP_INDEX_URL") or next(filter(None, set_there), PUBLIC_INDEX)


def link_to_wheel(index):
    """Where the index keeps the wheel."""
    content, kind, place = fetch(f"{index.rstrip('/')}/pip/")
    if "json" in kind:
        links = [file["url"] for file in json.loads(content)["files"]]
    else:
        reader = LinkReader()
        reader.feed(content.decode("utf-8", "replace"))
        links = reader.links
    for link in links:
        if urllib.parse.urlsplit(link).path.endswith(f"/{WHEEL}"):
            return with_login(urllib.parse.urljoin(place, link), index)
    raise ValueError(f"it has no {WHEEL}")


class LinkReader(html.parser.HTMLParser):
    """Every link of a page, in its order."""

    def __init__(self):
        super().__init__()
        self.links = []

    def handle_starttag(self, tag, attrs):
        """Notes a link."""
        if tag == "a":
            self.links.extend(value for name, value in attrs if name == "href" and value)


def with_login(link, index):
    """The link with the index's name and password, where it lies on the same host."""
    ours, theirs = urllib.parse.urlsplit(link), urllib.parse.urlsplit(index)
    login, separator, host = theirs.netloc.rpartition("@")
    if separator and ours.netloc == host:
        return ours._replace(netloc=f"{login}@{host}").geturl()
    return link


def fetch(url):
    """(content, its type, its address) of what lies behind an http or https address."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError("its address is not one of http or https")
    login, _, host = parts.netloc.rpartition("@")
    request = urllib.request.Request(parts._replace(netloc=host).geturl(), headers={"Accept": ACCEPT})
    if login:
        name_and_password = urllib.parse.unquote(login).encode()
        value = "Basic " + base64.b64encode(name_and_password).decode()
        request.add_unredirected_header("Authorization", value)
    trusted = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    with urllib.request.urlopen(request, timeout=SECONDS, context=trusted) as answer:
        content = answer.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            raise ValueError("it sent more than a wheel of pip has")
        return content, answer.headers.get_content_type(), answer.url
