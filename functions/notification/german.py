"""What customers read in German."""

from typing import Final

from notification.wording import Phrasebook, Wording

GERMAN: Final = Phrasebook(
    greeting="Guten Tag $name,",
    why="Sie erhalten diese E-Mail, weil Ihre Adresse in unserem Shop verwendet wurde.",
    unsubscribe="Keine E-Mails zu meinen Bestellungen mehr",
    labels={
        "carrier": "Paketdienst",
        "confirm": "Adresse bestätigen",
        "discount": "Rabatt",
        "each": "je",
        "order": "Bestellung",
        "pay": "Zu meiner Bank",
        "placed": "Datum",
        "refund": "Erstattung",
        "reset": "Neues Passwort wählen",
        "return": "Rücksendung",
        "shipping": "Versand",
        "subtotal": "Zwischensumme",
        "tax": "Steuer",
        "token": "Ihr Code",
        "total": "Gesamt",
        "tracking": "Sendungsnummer",
        "until": "Gültig bis",
    },
    reasons={
        "out_of_stock": "etwas daraus ist gerade ausverkauft",
        "payment_declined": "Ihre Bank hat die Zahlung abgelehnt",
        "payment_timeout": "die Zahlung wurde nicht rechtzeitig abgeschlossen",
        "price_changed": "ein Preis hat sich inzwischen geändert",
        "other": "auf unserer Seite ist etwas schiefgegangen",
    },
    wordings={
        "confirm_address": Wording(
            subject="Bitte bestätigen Sie Ihre Adresse",
            opening="Willkommen! Bestätigen Sie, dass diese Adresse Ihnen gehört, und Ihr Konto ist bereit.",
            closing="Falls Sie sich nicht registriert haben, brauchen Sie nichts zu tun.",
        ),
        "address_known": Wording(
            subject="Sie haben bereits ein Konto",
            opening="Jemand, vermutlich Sie selbst, wollte sich mit dieser Adresse registrieren. Es gibt dazu bereits "
            "ein Konto: Melden Sie sich mit Ihrem Passwort an, oder fordern Sie ein neues an.",
            closing="Falls Sie das nicht waren, brauchen Sie nichts zu tun. Niemand erfährt, dass Sie ein Konto haben.",
        ),
        "reset_password": Wording(
            subject="Neues Passwort",
            opening="Jemand, vermutlich Sie selbst, möchte ein neues Passwort für Ihr Konto.",
            closing="Falls Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.",
        ),
        "password_changed": Wording(
            subject="Ihr Passwort wurde geändert",
            opening="Das Passwort Ihres Kontos wurde geändert, und alle Ihre Sitzungen sind beendet.",
            closing="Falls Sie das nicht waren, fordern Sie jetzt ein neues Passwort an.",
        ),
        "second_factor_on": Wording(
            subject="Ihr Konto fragt nun nach einem Code",
            opening="Von nun an fragt Ihr Konto neben dem Passwort nach einem Code Ihrer Authenticator-App.",
            closing="Falls Sie das nicht waren, fordern Sie jetzt ein neues Passwort an.",
        ),
        "second_factor_off": Wording(
            subject="Ihr Konto fragt nicht mehr nach einem Code",
            opening="Von nun an genügt das Passwort, um sich bei Ihrem Konto anzumelden.",
            closing="Falls Sie das nicht waren, fordern Sie jetzt ein neues Passwort an.",
        ),
        "order_confirmed": Wording(
            subject="Ihre Bestellung ist bestätigt",
            opening="Vielen Dank! Ihre Bestellung ist bestätigt. Wir schreiben Ihnen wieder, wenn sie unterwegs ist.",
        ),
        "order_rejected": Wording(
            subject="Ihre Bestellung konnte nicht angenommen werden",
            opening="Es tut uns leid, Ihre Bestellung konnte nicht angenommen werden: $reason.",
            closing="Sie haben nichts bezahlt.",
        ),
        "payment_required": Wording(
            subject="Bitte bestätigen Sie Ihre Zahlung",
            opening="Ihre Bank möchte sichergehen, dass Sie es sind, der diese Bestellung bezahlt. Bitte folgen Sie "
            "ihren Fragen, sonst können wir Ihre Bestellung nicht annehmen.",
            closing="Ihre Ware halten wir so lange für einige Minuten zurück.",
            sms="Ihre Bank hat eine Frage zu Ihrer Bestellung. Bitte lesen Sie unsere E-Mail, sonst können wir die "
            "Bestellung nicht annehmen.",
        ),
        "order_shipped": Wording(
            subject="Ihre Bestellung ist unterwegs",
            opening="Ihre Bestellung hat unser Lager verlassen und ist mit $carrier unterwegs.",
            sms="Ihre Bestellung ist mit $carrier unterwegs. Sendungsnummer: $tracking",
        ),
        "order_part_shipped": Wording(
            subject="Ein Teil Ihrer Bestellung ist unterwegs",
            opening="Ein Teil Ihrer Bestellung ist mit $carrier unterwegs. Der Rest folgt.",
            sms="Ein Teil Ihrer Bestellung ist mit $carrier unterwegs. Sendungsnummer: $tracking",
        ),
        "order_delivered": Wording(
            subject="Ihre Bestellung ist angekommen",
            opening="Ihre Bestellung ist angekommen. Viel Freude damit!",
            sms="Ihre Bestellung ist angekommen. Viel Freude damit!",
        ),
        "cancel_refused": Wording(
            subject="Ihre Bestellung konnte nicht storniert werden",
            opening="Es tut uns leid, Ihre Bestellung hatte unser Lager schon verlassen, als wir sie anhalten wollten.",
            closing="Sie können sie zurücksenden, sobald sie angekommen ist.",
        ),
        "order_cancelled": Wording(
            subject="Ihre Bestellung ist storniert",
            opening="Ihre Bestellung ist storniert.",
            closing="Was Sie bezahlt haben, erhalten Sie zurück.",
        ),
        "order_refunded": Wording(
            subject="Ihre Erstattung",
            opening="Wir haben Ihnen $amount für Ihre Bestellung erstattet.",
            closing="Bis Ihre Bank es anzeigt, können einige Tage vergehen.",
        ),
        "return_approved": Wording(
            subject="Ihre Rücksendung ist genehmigt",
            opening="Wir nehmen Ihre Rücksendung an. Bitte schicken Sie sie an uns, mit der Nummer der Rücksendung auf "
            "dem Paket.",
            closing="Sobald sie angekommen ist, erhalten Sie Ihr Geld zurück.",
        ),
        "return_rejected": Wording(
            subject="Ihre Rücksendung konnte nicht angenommen werden",
            opening="Es tut uns leid, wir konnten Ihre Rücksendung nicht annehmen.",
            closing="Antworten Sie auf diese E-Mail, wenn Sie das für einen Irrtum halten.",
        ),
        "return_received": Wording(
            subject="Ihre Rücksendung ist angekommen",
            opening="Ihre Rücksendung ist angekommen. Wir erstatten Ihnen $amount und schreiben danach noch einmal.",
        ),
    },
)
