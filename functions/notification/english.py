"""What customers read in English."""

from typing import Final

from notification.wording import Phrasebook, Wording

ENGLISH: Final = Phrasebook(
    greeting="Hello $name,",
    why="You get this mail because your address was used in our shop.",
    unsubscribe="Stop mails about my orders",
    labels={
        "carrier": "Carrier",
        "confirm": "Confirm my address",
        "discount": "Discount",
        "each": "each",
        "order": "Order",
        "pay": "Go to my bank",
        "placed": "Date",
        "refund": "Refund",
        "reset": "Choose a new password",
        "return": "Return",
        "shipping": "Shipping",
        "subtotal": "Subtotal",
        "tax": "Tax",
        "token": "Your token",
        "total": "Total",
        "tracking": "Tracking number",
        "until": "Valid until",
    },
    reasons={
        "out_of_stock": "something in it has just sold out",
        "payment_declined": "your bank declined the payment",
        "payment_timeout": "the payment was not completed in time",
        "price_changed": "a price has changed meanwhile",
        "other": "something went wrong on our side",
    },
    wordings={
        "confirm_address": Wording(
            subject="Please confirm your address",
            opening="Welcome! Confirm that this address is yours, and your account is ready.",
            closing="If it was not you who registered, do nothing.",
        ),
        "address_known": Wording(
            subject="You already have an account",
            opening="Somebody, probably you, has tried to register with this address. It has an account with us "
            "already: sign in with your password, or ask for a new one.",
            closing="If it was not you, do nothing. Nobody learns that you have an account.",
        ),
        "reset_password": Wording(
            subject="Reset your password",
            opening="Somebody, probably you, wants a new password for your account.",
            closing="If it was not you, do nothing: your password stays as it is.",
        ),
        "password_changed": Wording(
            subject="Your password has been changed",
            opening="The password of your account has been changed, and all your sessions have ended.",
            closing="If it was not you, ask for a new password now.",
        ),
        "second_factor_on": Wording(
            subject="Your account asks for a code now",
            opening="From now on your account asks for a code of your authenticator beside the password.",
            closing="If it was not you, ask for a new password now.",
        ),
        "second_factor_off": Wording(
            subject="Your account asks for no code any more",
            opening="From now on the password alone is enough to sign in to your account.",
            closing="If it was not you, ask for a new password now.",
        ),
        "order_confirmed": Wording(
            subject="Your order is confirmed",
            opening="Thank you! Your order is confirmed. We write again when it leaves.",
        ),
        "order_rejected": Wording(
            subject="Your order could not be taken",
            opening="We are sorry: your order could not be taken, because $reason.",
            closing="You have paid nothing.",
        ),
        "payment_required": Wording(
            subject="Please confirm your payment",
            opening="Your bank wants to know that it is you who pays for this order. Please follow its questions, or "
            "we cannot take your order.",
            closing="Your goods are set aside for a few minutes meanwhile.",
            sms="Your bank has a question about your order. Please open our mail, or we cannot take the order.",
        ),
        "order_shipped": Wording(
            subject="Your order is on its way",
            opening="Your order has left our warehouse and is on its way with $carrier.",
            sms="Your order is on its way with $carrier. Tracking number: $tracking",
        ),
        "order_part_shipped": Wording(
            subject="A part of your order is on its way",
            opening="A part of your order has left our warehouse and is on its way with $carrier. The rest follows.",
            sms="A part of your order is on its way with $carrier. Tracking number: $tracking",
        ),
        "order_delivered": Wording(
            subject="Your order has been delivered",
            opening="Your order has been delivered. Enjoy it!",
            sms="Your order has been delivered. Enjoy it!",
        ),
        "cancel_refused": Wording(
            subject="Your order could not be cancelled",
            opening="We are sorry: your order had left our warehouse before we could stop it.",
            closing="You can send it back when it has arrived.",
        ),
        "order_cancelled": Wording(
            subject="Your order is cancelled",
            opening="Your order is cancelled.",
            closing="What you have paid goes back to you.",
        ),
        "order_refunded": Wording(
            subject="Your refund",
            opening="We have paid back $amount for your order.",
            closing="It may take your bank a few days to show it.",
        ),
        "return_approved": Wording(
            subject="Your return is approved",
            opening="We take your return back. Please send it to us, with the number of the return on the parcel.",
            closing="You get your money as soon as it has arrived.",
        ),
        "return_rejected": Wording(
            subject="Your return could not be accepted",
            opening="We are sorry: we could not accept your return.",
            closing="Answer this mail if you think that we are wrong.",
        ),
        "return_received": Wording(
            subject="Your return has arrived",
            opening="Your return has arrived. We pay back $amount now, and write again when it is done.",
        ),
    },
)
