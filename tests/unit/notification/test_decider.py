"""What customers want to be told, and how."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from notification.commands import (
    ChangePreferences,
    EmailPreferences,
    NotificationPreferences,
    SmsPreferences,
    Unsubscribe,
)
from notification.decider import decide, mail_is_wanted, sms_number

AT = datetime(2024, 5, 1, tzinfo=UTC)
DEFAULT = NotificationPreferences()
TEXTED = NotificationPreferences(sms=SmsPreferences(order_updates=True, phone="+4915112345678"), locale="de")
SILENT = NotificationPreferences(email=EmailPreferences(order_updates=False))


def change(wanted):
    return ChangePreferences(customer_id="cus_ada", wanted=wanted, at=AT)


def unsubscribe(mail_list="order_updates"):
    return Unsubscribe(customer_id="cus_ada", mail_list=mail_list, at=AT)


def test_order_mails_are_sent_unless_someone_does_not_want_them_and_marketing_only_if_they_do():
    assert mail_is_wanted("order_updates", DEFAULT)
    assert not mail_is_wanted("order_updates", SILENT)
    assert not mail_is_wanted("marketing", DEFAULT)


def test_what_concerns_the_account_is_mailed_whatever_they_want():
    assert mail_is_wanted(None, SILENT)


def test_a_text_message_needs_the_wish_and_a_number_and_is_never_about_the_account():
    assert sms_number("order_updates", TEXTED) == "+4915112345678"
    assert sms_number(None, TEXTED) is None
    assert sms_number("order_updates", DEFAULT) is None
    unasked = NotificationPreferences(sms=SmsPreferences(phone="+4915112345678"))
    assert sms_number("order_updates", unasked) is None
    assert sms_number("order_updates", NotificationPreferences(sms=SmsPreferences(order_updates=True))) is None


def test_a_change_is_told_without_the_number():
    decided = decide(change(TEXTED), DEFAULT)
    assert decided.preferences == TEXTED
    [event] = decided.events
    assert event.model_dump(mode="json") == {
        "type": "PreferencesChanged",
        "at": "2024-05-01T00:00:00Z",
        "customer_id": "cus_ada",
        "email_marketing": False,
        "email_order_updates": True,
        "sms_order_updates": True,
        "locale": "de",
        "one_click": False,
    }


def test_what_is_already_so_is_no_change():
    assert decide(change(DEFAULT), DEFAULT).events == []
    assert decide(unsubscribe(), SILENT).events == []


def test_one_click_ends_one_list_and_nothing_else():
    decided = decide(unsubscribe(), TEXTED)
    assert decided.preferences == TEXTED.model_copy(update={"email": EmailPreferences(order_updates=False)})
    assert [event.one_click for event in decided.events] == [True]


@pytest.mark.parametrize(
    "phone", ["0151", "+0123456789", "+49 151 1234", "+49151123456789012", "phone", "+4915112345678\n"]
)
def test_a_number_is_one_that_the_world_can_call(phone):
    with pytest.raises(ValidationError):
        SmsPreferences(phone=phone)
