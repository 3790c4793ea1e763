"""Money is an integer of minor units and a currency: EUR 19.99 is 1999, JPY 500 is 500. Never a float."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from common.domain.errors import Invalid

# Minor units per ISO 4217, for the currencies a shop of ours may sell in. The exponent is what a display needs.
EXPONENTS = {
    "AUD": 2, "BGN": 2, "CAD": 2, "CHF": 2, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2, "HUF": 2, "ISK": 0, "JPY": 0,
    "KRW": 0, "KWD": 3, "NOK": 2, "NZD": 2, "PLN": 2, "RON": 2, "SEK": 2, "TND": 3, "USD": 2,
}  # fmt: skip
MAX_AMOUNT = 10**12


class CurrenciesDiffer(Invalid): ...


def _known(currency: str) -> str:
    if currency not in EXPONENTS:
        raise ValueError("not a currency that is sold in here")
    return currency


Currency = Annotated[str, Field(pattern="^[A-Z]{3}$"), AfterValidator(_known)]


class Money(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, json_schema_extra={"examples": [{"amount": 1999, "currency": "EUR"}]}
    )
    amount: Annotated[int, Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
    currency: Currency

    def __add__(self, other: "Money") -> "Money":
        return Money(amount=self.amount + self._same(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount=self.amount - self._same(other), currency=self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(amount=self.amount * quantity, currency=self.currency)

    def __neg__(self) -> "Money":
        return self * -1

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrenciesDiffer(f"{self.currency} and {other.currency} do not add up.")
        return other.amount

    @property
    def text(self) -> str:
        """`19.99 EUR`, with as many decimals as the currency has."""
        digits = EXPONENTS[self.currency]
        whole, rest = divmod(abs(self.amount), 10**digits)
        return f"{'-' * (self.amount < 0)}{whole}{f'.{rest:0{digits}}' if digits else ''} {self.currency}"


def zero(currency: str) -> Money:
    return Money(amount=0, currency=currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, start=zero(currency))


def split(whole: Money, weights: Sequence[int]) -> list[Money]:
    """Parts in proportion to `weights` that sum to `whole`, by the largest-remainder method (Hamilton's)."""
    among = sum(weights) or 1
    shares = [divmod(whole.amount * weight, among) for weight in weights]
    left = whole.amount - sum(share for share, _ in shares)
    largest = sorted(range(len(shares)), key=lambda part: (-shares[part][1], part))[:left]
    return [Money(amount=share + (part in largest), currency=whole.currency) for part, (share, _) in enumerate(shares)]


class Positive(Money):
    amount: Annotated[int, Field(gt=0, le=MAX_AMOUNT)]
