"""The mails: which fact is told how. Others' events are read for what a mail needs, and no more."""

from collections.abc import Callable, Iterable, Mapping
from string import Template
from typing import Any, Final, NamedTuple

from pydantic import AwareDatetime, BaseModel

from common.domain.money import Money
from notification.commands import MailList
from notification.events import Locale
from notification.languages import LANGUAGES, Language
from notification.layout import Bill, Block, Details, Frame, Item, Link, as_html, as_text, one_line

Facts = Mapping[str, Any]


class Place(NamedTuple):
    """Where mails are sent from."""

    shop: str
    issuer: str  # the start of our links
    token: Callable[[str, str], str]  # of a purpose and a token's id


class Draft(NamedTuple):
    """What a fact has to say, in a language: values for its wording, and blocks between opening and closing."""

    values: Mapping[str, str]
    blocks: tuple[Block, ...] = ()


class Kind(NamedTuple):
    template: str
    draft: Callable[[Facts, Language, Place], Draft]
    mail_list: MailList | None = "order_updates"  # None: it concerns the account, and cannot be unsubscribed


class Mail(NamedTuple):
    template: str
    mail_list: MailList | None
    locale: Locale
    shop: str
    subject: str
    blocks: tuple[Block, ...]
    sms: str  # empty where there is none

    def text(self, unsubscribe_url: str | None = None) -> str:
        return as_text(self._frame(unsubscribe_url), self.blocks)

    def html(self, unsubscribe_url: str | None = None) -> str:
        return as_html(self._frame(unsubscribe_url), self.blocks)

    def _frame(self, unsubscribe_url: str | None) -> Frame:
        phrases = LANGUAGES[self.locale].phrases
        unsubscribe = Link(phrases.unsubscribe, unsubscribe_url) if unsubscribe_url else None
        return Frame(self.locale, self.shop, self.subject, phrases.why, unsubscribe)


def written(type: str, facts: Facts, *, name: str, locale: Locale, place: Place) -> Mail:
    """The mail about an event. Raise ValidationError if the event does not say what it must."""
    kind, language = MAILS[type], LANGUAGES[locale]
    wording, draft = language.phrases.wordings[kind.template], kind.draft(facts, language, place)

    def say(text: str, **more: str) -> str:
        return Template(text).substitute(draft.values, **more)

    blocks = (say(language.phrases.greeting, name=name), say(wording.opening), *draft.blocks, say(wording.closing))
    return Mail(
        template=kind.template,
        mail_list=kind.mail_list,
        locale=locale,
        shop=place.shop,
        subject=one_line(say(wording.subject)),
        blocks=tuple(block for block in blocks if block),
        sms=f"{place.shop}: {one_line(say(wording.sms))}" if wording.sms else "",
    )


class AboutOrder(BaseModel):
    order_id: str


class Bought(BaseModel):
    name: str
    quantity: int
    unit_price: Money
    total: Money


class Confirmed(AboutOrder):
    at: AwareDatetime
    items: list[Bought]
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


class Rejection(AboutOrder):
    reason: str


class ActionRequired(AboutOrder):
    redirect_url: str


class Parcel(AboutOrder):
    carrier: str
    tracking_number: str


class Refund(AboutOrder):
    amount: Money


class Return(AboutOrder):
    return_id: str


class Returned(Return):
    refund: Money


class Happened(BaseModel):
    at: AwareDatetime


class Sealed(BaseModel):
    token_id: str
    expires_at: AwareDatetime


def _confirmed(facts: Facts, language: Language, place: Place) -> Draft:
    order = Confirmed.model_validate(facts)
    money, label = language.money, language.label
    items = [
        Item(
            f"{bought.quantity} x {bought.name}",
            money(bought.total),
            f"{label('each')} {money(bought.unit_price)}" if bought.quantity > 1 else "",
        )
        for bought in order.items
    ]
    sums = [(label("subtotal"), money(order.subtotal))]
    if order.discount.amount:
        sums.append((label("discount"), money(-order.discount)))
    sums += [(label(name), money(getattr(order, name))) for name in ("shipping", "tax", "total")]
    about = Details(((label("order"), order.order_id), (label("placed"), language.day(order.at))))
    return Draft({}, (about, Bill(tuple(items), tuple(sums))))


def _rejected(facts: Facts, language: Language, place: Place) -> Draft:
    reasons, order = language.phrases.reasons, Rejection.model_validate(facts)
    return Draft({"reason": reasons.get(order.reason, reasons["other"])}, (_about(order, language),))


def _action_required(facts: Facts, language: Language, place: Place) -> Draft:
    payment = ActionRequired.model_validate(facts)
    return Draft({}, (_about(payment, language), Link(language.label("pay"), payment.redirect_url)))


def _shipped(facts: Facts, language: Language, place: Place) -> Draft:
    parcel = Parcel.model_validate(facts)
    about = ("order", parcel.order_id), ("carrier", parcel.carrier), ("tracking", parcel.tracking_number)
    values = {"carrier": parcel.carrier, "tracking": parcel.tracking_number}
    return Draft(values, (_details(about, language),))


def _order(facts: Facts, language: Language, place: Place) -> Draft:
    return Draft({}, (_about(AboutOrder.model_validate(facts), language),))


def _refunded(facts: Facts, language: Language, place: Place) -> Draft:
    refund = Refund.model_validate(facts)
    amount = language.money(refund.amount)
    return Draft({"amount": amount}, (_details((("order", refund.order_id), ("refund", amount)), language),))


def _return(facts: Facts, language: Language, place: Place) -> Draft:
    returned = Return.model_validate(facts)
    return Draft({}, (_details((("order", returned.order_id), ("return", returned.return_id)), language),))


def _returned(facts: Facts, language: Language, place: Place) -> Draft:
    returned = Returned.model_validate(facts)
    refund = language.money(returned.refund)
    about = ("order", returned.order_id), ("return", returned.return_id), ("refund", refund)
    return Draft({"amount": refund}, (_details(about, language),))


def _nothing_more(facts: Facts, language: Language, place: Place) -> Draft:
    return Draft({})


def _when(facts: Facts, language: Language, place: Place) -> Draft:
    happened = Happened.model_validate(facts)
    return Draft({}, (Details(((language.label("placed"), language.moment(happened.at)),)),))


def _sealed(purpose: str, path: str) -> Callable[[Facts, Language, Place], Draft]:
    """A mail with a token. Its link has the token behind `#`, so that it reaches no server's log."""

    def draft(facts: Facts, language: Language, place: Place) -> Draft:
        sealed = Sealed.model_validate(facts)
        token = place.token(purpose, sealed.token_id)
        link = Link(language.label(purpose), f"{place.issuer}{path}#token={token}")
        about = ("token", token), ("until", language.moment(sealed.expires_at))
        return Draft({}, (link, _details(about, language)))

    return draft


def _about(order: AboutOrder, language: Language) -> Details:
    return _details((("order", order.order_id),), language)


def _details(lines: Iterable[tuple[str, str]], language: Language) -> Details:
    return Details(tuple((language.label(name), value) for name, value in lines))


MAILS: Final[dict[str, Kind]] = {
    "ConfirmationRequested": Kind("confirm_address", _sealed("confirm", "/identity/confirm"), None),
    "PasswordResetRequested": Kind("reset_password", _sealed("reset", "/identity/password/reset"), None),
    "RegistrationRepeated": Kind("address_known", _nothing_more, None),
    "PasswordChanged": Kind("password_changed", _when, None),
    "SecondFactorEnabled": Kind("second_factor_on", _when, None),
    "SecondFactorDisabled": Kind("second_factor_off", _when, None),
    "OrderConfirmed": Kind("order_confirmed", _confirmed),
    "OrderRejected": Kind("order_rejected", _rejected),
    "OrderPartShipped": Kind("order_part_shipped", _shipped),
    "OrderShipped": Kind("order_shipped", _shipped),
    "OrderDelivered": Kind("order_delivered", _order),
    "OrderCancelRefused": Kind("cancel_refused", _order),
    "OrderCancelled": Kind("order_cancelled", _order),
    "ReturnApproved": Kind("return_approved", _return),
    "ReturnRejected": Kind("return_rejected", _return),
    "ReturnReceived": Kind("return_received", _returned),
    "PaymentActionRequired": Kind("payment_required", _action_required),
    "PaymentRefunded": Kind("order_refunded", _refunded),
}
