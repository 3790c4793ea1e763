"""Who carries what was written: SES a mail, SNS a text message. Neither repeats anything by itself."""

from typing import TYPE_CHECKING

from notification.mails import Mail

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageHeaderTypeDef
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef


class MailCourier:
    """`configuration_set` is what SES tells of through the bus: what it has sent, and what came back."""

    def __init__(self, ses: "SESV2Client", mail_from: str, configuration_set: str) -> None:
        self._ses = ses
        self._from = mail_from
        self._configuration_set = configuration_set

    def send(self, notification_id: str, to: str, mail: Mail, unsubscribe_url: str | None) -> None:
        self._ses.send_email(
            FromEmailAddress=self._from,
            ConfigurationSetName=self._configuration_set,
            Destination={"ToAddresses": [to]},
            Content={
                "Simple": {
                    "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": mail.text(unsubscribe_url), "Charset": "UTF-8"},
                        "Html": {"Data": mail.html(unsubscribe_url), "Charset": "UTF-8"},
                    },
                    "Headers": _headers(notification_id, unsubscribe_url),
                }
            },
            EmailTags=[
                {"Name": "notification_id", "Value": notification_id},
                {"Name": "template", "Value": mail.template},
            ],
        )


def _headers(notification_id: str, unsubscribe_url: str | None) -> list["MessageHeaderTypeDef"]:
    """RFC 3834, so that nobody's vacation answers; RFC 8058, so that one click is enough to get no more."""
    headers: list[MessageHeaderTypeDef] = [
        {"Name": "X-Notification-Id", "Value": notification_id},
        {"Name": "Auto-Submitted", "Value": "auto-generated"},
    ]
    if unsubscribe_url:
        headers.append({"Name": "List-Unsubscribe", "Value": f"<{unsubscribe_url}>"})
        headers.append({"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"})
    return headers


class SmsCourier:
    def __init__(self, sns: "SNSClient") -> None:
        self._sns = sns

    def send(self, phone: str, text: str) -> None:
        kind: dict[str, MessageAttributeValueTypeDef] = {
            "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}
        }
        self._sns.publish(PhoneNumber=phone, Message=text, MessageAttributes=kind)
