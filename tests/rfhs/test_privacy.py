"""What the public tracker refuses, and what it lets pass."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.rfhs.privacy import Person, Place, Private, Ticket, check, private_passages, redact

HOOLI = Private(
    names=("Hooli, Inc.", "hooli"),
    people=(Person("Jane Appleseed", "jane.appleseed@hooli.example"), Person("Mark Page", "it@hooli-mail.net")),
    domains=("hooli.com",),
    tickets=(Ticket("4711", "https://desk.ours.net/agent/tickets/4711"), Ticket("HD-0815")),
    documents=("https://docs.google.com/document/d/1AbCdEfGhIjKlMnOp_qrs/edit",),
    passages=("The renewal is at risk",),
    notes=(
        "They will leave us for a competitor unless it works by March. The import ends with a time-out after an hour",
    ),
    said_openly=("It worked. The import ends with a time-out after an hour.",),
    others=("Pied Piper", "GitHub"),
    others_domains=("piedpiper.com",),
    words_of_trade=frozenset({"github"}),
    portal="https://support.ours.net",
    public=("https://docs.ours.net/", "https://github.com/ours/product"),
    private_trackers=("ours/customer",),
    our_domains=("ours.net",),
)
CYRILLIC = "h\u043e\u043eli"
HOSTILE = {
    "letters of another alphabet": (f"The login fails at {CYRILLIC.capitalize()}.", "H\u043e\u043eli"),
    "fullwidth and mathematical letters": ("Seen at Ｈｏｏｌｉ and at 𝕳𝖔𝖔𝖑𝖎.", "Ｈｏｏｌｉ"),
    "nothing between the letters": ("Ho\u00ado\u200bl\u2060i cannot sign in", "Ho\u00ado\u200bl\u2060i"),
    "marks over the letters": ("Hoo\u0336li\u0301 cannot sign in", "Hoo\u0336li"),
    "letters set apart": ("H.o-o_l i runs 9.2, H O O L I too", "H.o-o_l i"),
    "digits and capitals for letters": ("H00li, or HooIi, runs 9.2", "H00li"),
    "a link's target": ("See [their server](https://git.hooli.com/a/b).", "hooli.com"),
    "a link's text cut in two": ("See [Ho](https://x.example)oli.", "Ho](https://x.example)oli"),
    "a picture, and a reference": ("![hooli](https://x.example/1.png)\n\n[1]: https://x.example/hooli/2", "hooli"),
    "entities": ("&#72;ooli and Ho&shy;oli", "&#72;ooli"),
    "percent-encoding, twice": ("https://ci.example.net/job?for=ho%256Fli&n=1", "ho%256Fli"),
    "punycode": (f"https://{CYRILLIC.encode('punycode').decode()}".replace("://", "://xn--"), "xn--"),
    "tags and comments": ("<b>Hoo</b><!-- x -->li", "Hoo</b><!-- x -->li"),
    "a name in a path, a branch, a word": ("/var/hooli_prod and fix/hooliprod and HooliServer", "hooli"),
    "a possessive, also in haste": ("Hooli's cluster, Hoolis cluster", "Hooli"),
    "a domain with its stops hidden": ("admin at hooli [.] com", "hooli [.] com"),
    "turned around": ("\u202eilooH\u202c cannot sign in", "ilooH"),
    "a mention": ("@jane-appleseed and @jappleseed see it", "jane-appleseed"),
    "a person, family name first": ("APPLESEED, Jane reported it", "APPLESEED, Jane"),
    "a first name": ("Jane says it is slow", "Jane"),
    "a name cut by a line": ("> reported by Jane\n> Appleseed", "Jane\n> Appleseed"),
    "an address nobody knows": ("ask their.admin@somewhere.net", "their.admin@somewhere.net"),
    "a code block": ("```\nGET https://x.example/?user=jane%2Eappleseed\n```", "jane%2Eappleseed"),
    "an escape in JSON": ('{"tenant": "\\u0068ooli"}', "\\u0068ooli"),
    "a ticket": ("from Zendesk ticket no. 4711", "4711"),
    "a ticket with letters": ("as in hd 0815", "hd 0815"),
    "another ticket": ("like ticket 12345", "12345"),
    "the ticket's address": ("desk.ours.net/agent/tickets/4711", "desk.ours.net/agent/tickets/4711"),
    "a document by its id": ("https://x.example/open?id=1AbCdEfGhIjKlMnOp_qrs", "1AbCdEfGhIjKlMnOp_qrs"),
    "a document of insiders": ("https://docs.google.com/spreadsheets/d/abc/edit", "https://docs.google.com"),
    "this portal": ("https://support.ours.net/admin/rfhs/rfh/12/change/", "https://support.ours.net"),
    "a block marked private": ("It fails. [private]They pay late[/private]", "[private]They pay late[/private]"),
    "a block without its end": ("It fails. [Private] They pay late", "[Private] They pay late"),
    "a quote marked private": ("> It fails.\n>! We may leave.", ">! We may leave."),
    "a paragraph marked confidential": ("**Confidential**\nThey pay late.\n\nIt fails.", "**Confidential**\nThey"),
    "a sentence of a note": ("I hear they will leave us for a competitor", "they will leave us for a competitor"),
    "a short note": ("By the way, the renewal is at risk!", "the renewal is at risk"),
    "another customer": ("Pied Piper sees the same", "Pied Piper"),
    "another customer's domain": ("www.piedpiper.com sees the same", "piedpiper.com"),
    "the query of a public address": ("https://docs.ours.net/search?q=hooli", "hooli"),
}
HARMLESS = {
    "the name within another word": "A hooligan is schooling the scHoolings; the tool is cool, I say.",
    "a first name that is a word": "Mark the page, and page it.",
    "our documentation, whatever its words": "https://docs.ours.net/admin/hooli-sso#hooli",
    "the public product, and a private issue": "https://github.com/ours/product/blob/main/a.go, ours/customer#12, "
    "https://github.com/ours/customer/issues/12",
    "addresses of nobody": "git clone git@github.com:ours/product.git as user@example.com",
    "our own address": "Write to security@ours.net.",
    "a port and a line": "It listens on port 4711, see line 4711, in 4711 ms.",
    "an issue of the tracker": "Fixed by #123 and #99999",
    "a number that is no ticket": "In case 404 is returned, with 100000 repositories, retry.",
    "a link called private": "[private](https://docs.ours.net/x) methods, and a [private repository][1]",
    "confidential clients": "OAuth knows confidential clients; do not share sessions between them.",
    "another alphabet": "Сервер не отвечает: школа, холод.",
    "a table and code": "|a|b|\n|-|-|\n|`x || y`|1|\n\n```go\nfunc hoo(x int) {}\n```",
    "words of the trade that are customers, too": "Cloning from GitHub is slow.",
    "a few words of a note": "It works by March.",
    "words of a note that the request says openly, too": "The import ends with a time-out after an hour.",
    "hex and versions": "sha256:4711ab4711cd 10.4711.2 0x4711",
    "percent signs and ampersands": "100% of A&B; 50%25 &nbsp; &copy; R&amp;D \\u00e9",
}


def found(text: str, private: Private = HOOLI) -> list[Place]:
    return check({"body": text}, private)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_tells_of_the_customer_is_refused_and_shown(name: str) -> None:
    text, told = HOSTILE[name]

    places = found(text)

    assert any(place.text.startswith(told) for place in places), places
    assert all(text[place.start : place.end] == place.text for place in places)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_tells_nothing_passes(name: str) -> None:
    assert found(HARMLESS[name]) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_redacted_it_passes(name: str) -> None:
    text, _ = HOSTILE[name]

    assert found(redact(text, HOOLI)) == []


@pytest.mark.parametrize(
    ("customer", "refused", "passes"),
    [
        ("Go", "Go runs|at G\u043e", "Let it go to Google's golang|gopher, cargo, MongoDB, go.mod"),
        ("Apple", "An apple a day|apples", "applet, pineapple, snapple"),
        ("IBM", "IBM|I.B.M.|ibm", "ibmish, Ibmbo, 1bm"),
        (
            "Target",
            "Target|TARGET|https://target.example.net",
            "a build target: target/debug|buildTarget",
        ),
        ("Best Buy", "Best Buy|best-buy", "it is the best buy; bestbuyer"),
        ("AT&T", "AT&T|AT&amp;T", "at that time, look at the"),
        ("Asana", "Asana|As-ana|Asa na", "as Ana said"),
        ("Modem", "M0dem|modem", "modern"),
        ("Acme", "Acrne|A\u0441m\u0435|A c m e|a c me", "acne, ac me"),
        ("M\u00fcller AG", "Mueller|Muller|m\u00fcller", "mull, mulled"),
        ("\u30a2\u30af\u30e1", "\u30a2\u30af\u30e1\u306e\u30b5\u30fc\u30d0\u30fc", "\u30b5\u30fc\u30d0\u30fc"),
        (
            "\u042f\u043d\u0434\u0435\u043a\u0441",
            "\u044f\u043d\u0434\u0435\u043a\u0441",
            "\u0438\u043d\u0434\u0435\u043a\u0441",
        ),
        ("7-Eleven", "7-Eleven|7 eleven|7eleven", "17 elevens"),
        ("The Home Depot", "Home Depot", "go home, depot"),
    ],
)
def test_a_name_is_told_from_the_words_around_it(customer: str, refused: str, passes: str) -> None:
    private = Private(names=(customer,))

    assert [text for text in refused.split("|") if not found(text, private)] == []
    assert [text for text in passes.split("|") if found(text, private)] == []


def test_a_person_with_a_role_for_an_address_is_known_by_the_domain_alone() -> None:
    private = Private(people=(Person("", "it@initech.example"), Person("Bo", "bo@gmail.com")))

    assert found("it works, gmail.com answers", private) == []
    assert [place.text for place in found("it@initech.example, initech", private)] == ["it@initech.example", "initech"]


def test_the_proposal_reads_like_a_text() -> None:
    text = (
        "Hooli cannot sign in since ticket #4711.\n> Jane Appleseed: see [the page](https://hooli.com/a), "
        "@jappleseed or <https://x.example/hooli>.\nHooli's hooliprod runs 9.2. [private]They pay late.[/private]"
    )

    assert redact(text, HOOLI) == (
        "The customer cannot sign in since a ticket.\n> A user: see the page, "
        "a user or a private link.\nThe customer's the customer runs 9.2. (left out)"
    )


def test_neutral_words_that_are_the_secret_give_way_to_dots() -> None:
    private = Private(names=("Customer", "User"))

    assert found(redact("Customer's and User's", private), private) == []


def test_what_is_marked_is_private_word_by_word() -> None:
    marked = "Known. [private] They pay late. [/private]\n> It fails.\n>! We may leave."

    assert list(private_passages(marked)) == ["They pay late.", "We may leave."]


disguises = st.sampled_from(
    [
        lambda c: c,
        str.upper,
        lambda c: {"o": "\u043e", "l": "\u2113", "i": "\u0456", "h": "\u04bb"}[c],
        lambda c: chr(ord(c) - ord("a") + 0xFF41),
        lambda c: c + "\u0301",
        lambda c: "\u200b" + c,
        lambda c: f"&#{ord(c)};",
        lambda c: f"%{ord(c):02x}",
        lambda c: f"\\u{ord(c):04x}",
        lambda c: f"**{c}**",
        lambda c: f"<i>{c}</i>",
    ]
)


@given(
    st.lists(disguises, min_size=5, max_size=5), st.sampled_from(["at {}.", "({})", "x/{}/y", "> {}", "{}'s", "`{}`"])
)
@settings(max_examples=150, deadline=None, database=None)
def test_however_each_letter_is_disguised_the_name_is_seen_and_taken_out(chosen: tuple, around: str) -> None:
    text = around.format("".join(disguise(char) for disguise, char in zip(chosen, "hooli", strict=True)))

    assert found(text)
    assert found(redact(text, HOOLI)) == []


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None, database=None)
def test_any_text_can_be_checked(text: str) -> None:
    assert all(text[place.start : place.end] == place.text for place in found(text))
    assert found(redact(text, HOOLI)) == []
