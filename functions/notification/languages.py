"""The languages that we speak, each with its words, its money and its dates (CLDR's, by Babel)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from babel.dates import format_date, format_time
from babel.numbers import format_currency

from common.domain.money import EXPONENTS, Money
from notification.english import ENGLISH
from notification.events import Locale
from notification.german import GERMAN
from notification.wording import Phrasebook


class Language(NamedTuple):
    locale: Locale
    region: str  # whose habits its numbers and dates follow
    phrases: Phrasebook

    def label(self, name: str) -> str:
        return self.phrases.labels[name]

    def money(self, money: Money) -> str:
        """`€1,499.00` or `1.499,00 €`, with as many decimals as the currency has."""
        return format_currency(
            Decimal(money.amount).scaleb(-EXPONENTS[money.currency]), money.currency, locale=self.region
        )

    def day(self, at: datetime) -> str:
        return format_date(at.astimezone(UTC), "long", locale=self.region)

    def moment(self, at: datetime) -> str:
        """In UTC, for we do not know where they are."""
        return f"{self.day(at)}, {format_time(at.astimezone(UTC), 'HH:mm', locale=self.region)} UTC"


LANGUAGES: Final[dict[Locale, Language]] = {
    "en": Language("en", "en_GB", ENGLISH),
    "de": Language("de", "de_DE", GERMAN),
}
