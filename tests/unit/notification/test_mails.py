"""What customers read, in every language."""

import re
from html.parser import HTMLParser
from string import Template

import pytest

from common.domain.money import EXPONENTS, Money
from notification.languages import LANGUAGES
from notification.layout import Details, Frame, Link, UnsafeLink, as_html, as_text, one_line
from notification.mails import MAILS, written
from notification.preview import HAPPENED, PLACE, SAMPLES, TOKEN, UNSUBSCRIBE, previews

ORDER = {"order_id": "ord_1", "customer_id": "cus_ada", "at": "2024-05-01T09:00:00Z"}
NBSP = "\N{NO-BREAK SPACE}"


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


RETURN = ORDER | {"return_id": "ret_1"}
BOUGHT = ORDER | {
    "items": [
        {"sku": "mug", "name": "Mug <big>", "quantity": 2, "unit_price": euro(750), "total": euro(1500)},
        {"sku": "pot", "name": "Pot", "quantity": 1, "unit_price": euro(120_000), "total": euro(120_000)},
    ],
    "subtotal": euro(121_500),
    "discount": euro(0),
    "shipping": euro(490),
    "tax": euro(23_178),
    "total": euro(145_168),
    "shipping_address": {},
    "payment_id": "pay_1",
}


def mail(type, facts, locale="en", name="Ada"):
    return written(type, facts, name=name, locale=locale, place=PLACE)


@pytest.mark.parametrize(
    ("fact", "facts", "template", "english", "german"),
    [
        (
            "ConfirmationRequested",
            TOKEN,
            "confirm_address",
            ("Please confirm your address", "Welcome!"),
            ("Bitte bestätigen Sie Ihre Adresse", "Willkommen!"),
        ),
        (
            "PasswordResetRequested",
            TOKEN,
            "reset_password",
            ("Reset your password", "Valid until: 15 March 2026, 09:26 UTC"),
            ("Neues Passwort", "Gültig bis: 15. März 2026, 09:26 UTC"),
        ),
        (
            "RegistrationRepeated",
            {},
            "address_known",
            ("You already have an account", "tried to register with this address"),
            ("Sie haben bereits ein Konto", "wollte sich mit dieser Adresse registrieren"),
        ),
        (
            "PasswordChanged",
            HAPPENED,
            "password_changed",
            ("Your password has been changed", "Date: 14 March 2026, 09:26 UTC"),
            ("Ihr Passwort wurde geändert", "Datum: 14. März 2026, 09:26 UTC"),
        ),
        (
            "SecondFactorEnabled",
            HAPPENED,
            "second_factor_on",
            ("Your account asks for a code now", "beside the password"),
            ("Ihr Konto fragt nun nach einem Code", "neben dem Passwort"),
        ),
        (
            "SecondFactorDisabled",
            HAPPENED,
            "second_factor_off",
            ("Your account asks for no code any more", "the password alone"),
            ("Ihr Konto fragt nicht mehr nach einem Code", "genügt das Passwort"),
        ),
        (
            "OrderConfirmed",
            BOUGHT,
            "order_confirmed",
            ("Your order is confirmed", "Order: ord_1\nDate: 1 May 2024"),
            ("Ihre Bestellung ist bestätigt", "Bestellung: ord_1\nDatum: 1. Mai 2024"),
        ),
        (
            "OrderRejected",
            ORDER | {"reason": "payment_declined", "total": euro(1)},
            "order_rejected",
            ("Your order could not be taken", "because your bank declined the payment"),
            ("Ihre Bestellung konnte nicht angenommen werden", "Ihre Bank hat die Zahlung abgelehnt"),
        ),
        (
            "OrderRejected",
            ORDER | {"reason": "something_new"},
            "order_rejected",
            ("Your order could not be taken", "because something went wrong on our side"),
            ("Ihre Bestellung konnte nicht angenommen werden", "auf unserer Seite ist etwas schiefgegangen"),
        ),
        (
            "PaymentActionRequired",
            ORDER | {"payment_id": "pay_1", "redirect_url": "https://bank.example/ask"},
            "payment_required",
            ("Please confirm your payment", "Go to my bank: https://bank.example/ask"),
            ("Bitte bestätigen Sie Ihre Zahlung", "Zu meiner Bank: https://bank.example/ask"),
        ),
        (
            "OrderShipped",
            ORDER | {"shipment_id": "shp_1", "carrier": "UPS", "tracking_number": "EZ1000000001"},
            "order_shipped",
            ("Your order is on its way", "Tracking number: EZ1000000001"),
            ("Ihre Bestellung ist unterwegs", "Sendungsnummer: EZ1000000001"),
        ),
        (
            "OrderPartShipped",
            ORDER | {"shipment_id": "shp_1", "carrier": "UPS", "tracking_number": "EZ1000000001"},
            "order_part_shipped",
            ("A part of your order is on its way", "The rest follows."),
            ("Ein Teil Ihrer Bestellung ist unterwegs", "Der Rest folgt."),
        ),
        (
            "OrderCancelRefused",
            ORDER,
            "cancel_refused",
            ("Your order could not be cancelled", "had left our warehouse"),
            ("Ihre Bestellung konnte nicht storniert werden", "schon verlassen"),
        ),
        (
            "ReturnApproved",
            RETURN,
            "return_approved",
            ("Your return is approved", "Return: ret_1"),
            ("Ihre Rücksendung ist genehmigt", "Rücksendung: ret_1"),
        ),
        (
            "ReturnRejected",
            RETURN,
            "return_rejected",
            ("Your return could not be accepted", "Return: ret_1"),
            ("Ihre Rücksendung konnte nicht angenommen werden", "Rücksendung: ret_1"),
        ),
        (
            "ReturnReceived",
            RETURN | {"items": [], "refund": euro(750)},
            "return_received",
            ("Your return has arrived", "We pay back €7.50 now"),
            ("Ihre Rücksendung ist angekommen", f"erstatten Ihnen 7,50{NBSP}€"),
        ),
        (
            "OrderDelivered",
            ORDER,
            "order_delivered",
            ("Your order has been delivered", "Order: ord_1"),
            ("Ihre Bestellung ist angekommen", "Bestellung: ord_1"),
        ),
        (
            "OrderCancelled",
            ORDER | {"reason": None},
            "order_cancelled",
            ("Your order is cancelled", "goes back to you"),
            ("Ihre Bestellung ist storniert", "erhalten Sie zurück"),
        ),
        (
            "PaymentRefunded",
            ORDER | {"payment_id": "pay_1", "refund_id": "ref_1", "amount": euro(1999), "postings": []},
            "order_refunded",
            ("Your refund", "paid back €19.99 for your order"),
            ("Ihre Erstattung", f"Ihnen 19,99{NBSP}€ für Ihre Bestellung"),
        ),
    ],
)
def test_a_fact_reads_like_this(fact, facts, template, english, german):
    for locale, hello, (subject, said) in (("en", "Hello Ada,", english), ("de", "Guten Tag Ada,", german)):
        made = mail(fact, facts, locale)
        assert (made.template, made.subject) == (template, subject)
        assert made.text().startswith(f"{hello}\n\n")
        assert said in made.text()
        assert f'<h1 style="margin:0 0 20px;font-size:22px;line-height:1.3">{subject}</h1>' in made.html()
        assert f'<html lang="{locale}">' in made.html()


def test_the_bill_adds_up_in_columns():
    assert (
        "2 x Mug <big> (each €7.50)      €15.00\n"
        "1 x Pot                      €1,200.00\n"
        "--------------------------------------\n"
        "Subtotal                     €1,215.00\n"
        "Shipping                         €4.90\n"
        "Tax                            €231.78\n"
        "--------------------------------------\n"
        "Total                        €1,451.68\n"
    ) in mail("OrderConfirmed", BOUGHT).text()


def test_a_discount_is_shown_where_there_is_one():
    assert re.search(r"Discount +-€5\.00", mail("OrderConfirmed", BOUGHT | {"discount": euro(500)}).text())
    assert re.search(rf"Rabatt +-5,00{NBSP}€", mail("OrderConfirmed", BOUGHT | {"discount": euro(500)}, "de").text())


@pytest.mark.parametrize("currency", EXPONENTS)
@pytest.mark.parametrize("locale", LANGUAGES)
def test_money_has_as_many_decimals_as_its_currency(locale, currency):
    text = LANGUAGES[locale].money(Money(amount=123456, currency=currency))
    decimals = re.search({"en": r"\.(\d+)\D*$", "de": r",(\d+)\D*$"}[locale], text)
    assert (len(decimals[1]) if decimals else 0) == EXPONENTS[currency], text


def test_all_languages_say_the_same_things():
    """The same mails, labels and reasons, with the same values in them; and a text message where the other has one."""
    english = LANGUAGES["en"].phrases

    def values(text):
        return set(Template(text).get_identifiers())

    for language in LANGUAGES.values():
        phrases = language.phrases
        assert phrases.labels.keys() == english.labels.keys()
        assert phrases.reasons.keys() == english.reasons.keys()
        assert phrases.wordings.keys() == english.wordings.keys()
        assert values(phrases.greeting) == {"name"}
        for template, wording in phrases.wordings.items():
            for part, other in zip(wording, english.wordings[template], strict=True):
                assert values(part) == values(other), (language.locale, template)
                assert bool(part) == bool(other), (language.locale, template)


def test_a_text_message_is_one_line_and_names_the_shop():
    parcel = ORDER | {"carrier": "UPS", "tracking_number": "EZ1\nFrom: you"}
    assert (
        mail("OrderShipped", parcel).sms
        == "Commerce: Your order is on its way with UPS. Tracking number: EZ1 From: you"
    )
    assert all(len(text) <= 160 for name, text in previews().items() if name.endswith("sms.txt"))
    assert mail("OrderCancelled", ORDER).sms == ""


EVIL = "<img src=x onerror=alert(1)>\" onload='x' ${shop} $name & \r\nBcc: all@customer.example"


def evil(facts):
    """The same facts with an attack in every text that is not a number, a time, a link or money."""
    kept = {"currency", "at", "expires_at", "redirect_url", "token_id"}
    if isinstance(facts, dict):
        return {k: v if k in kept else evil(v) for k, v in facts.items()}
    if isinstance(facts, list):
        return [evil(one) for one in facts]
    return EVIL if isinstance(facts, str) else facts


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, tuple(name for name, _ in attributes)))


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("fact", MAILS)
def test_what_others_wrote_is_text_and_never_markup_or_a_header(fact, locale):
    good = mail(fact, SAMPLES[fact], locale)
    bad = mail(fact, evil(SAMPLES[fact]), locale, name=EVIL)
    assert Tags(bad.html(UNSUBSCRIBE)).found == Tags(good.html(UNSUBSCRIBE)).found
    assert "&lt;img src=x" in bad.html()
    assert EVIL in bad.text()
    assert not re.search(r"[\r\n]", bad.subject + bad.sms)


def test_a_subject_is_one_line_whatever_is_in_it():
    assert one_line("Hello\r\nBcc: x\u2028y\x00z\x85a") == "Hello Bcc: x y z a"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://a b", 'https://a"b', "//evil", ""])
def test_nothing_but_the_web_is_linked_to(url):
    frame = Frame("en", "Commerce", "Subject", "Footer")
    for render in (as_html, as_text):
        with pytest.raises(UnsafeLink):
            render(frame, (Link("Here", url),))


def test_details_are_lines_to_copy_from():
    frame = Frame("en", "Commerce", "Subject", "Footer")
    assert "Order: ord_1\nCarrier: UPS" in as_text(frame, [Details((("Order", "ord_1"), ("Carrier", "UPS")))])


@pytest.mark.parametrize("fact", ["ConfirmationRequested", "PasswordResetRequested"])
def test_a_token_stands_on_a_line_of_its_own_and_behind_the_hash_of_a_link(fact):
    made, token = mail(fact, TOKEN), f"{TOKEN['token_id']}.{'m' * 43}"
    assert f"\n\nYour token: {token}\n" in made.text()
    assert re.search(rf"https://shop\.example/identity/\S+#token={re.escape(token)}\n", made.text())
    assert 'href="https://shop.example' in made.html()


def test_mails_about_orders_can_be_unsubscribed_and_those_about_the_account_cannot():
    lists = {fact: mail(fact, SAMPLES[fact]).mail_list for fact in MAILS}
    for fact, mail_list in lists.items():
        assert mail_list == ("order_updates" if fact.startswith(("Order", "Payment", "Return")) else None)


def test_every_mail_is_previewed_in_every_language_as_html_and_text():
    files = previews()
    for kind in MAILS.values():
        for locale in LANGUAGES:
            assert files[f"{kind.template}.{locale}.html"].startswith("<!doctype html>")
            assert "-- \nCommerce" in files[f"{kind.template}.{locale}.txt"]
