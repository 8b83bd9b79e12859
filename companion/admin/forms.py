"""The small forms, their labels and what is wrong with what was typed. Tokens are the guard's business."""

from wtforms import EmailField, Field, Form, PasswordField, StringField
from wtforms.validators import DataRequired, Length, Regexp, ValidationError

from mappings import fields


class SignIn(Form):
    password = PasswordField(
        "Password",
        [DataRequired("Type the password."), Length(max=1000, message="This is too long for a password.")],
        render_kw={"autocomplete": "current-password", "autofocus": True},
    )


class NewApp(Form):
    merchant = StringField(
        "Merchant",
        [
            DataRequired("Name the merchant."),
            Length(max=200, message="At most 200 characters."),
            Regexp(r"[^\x00-\x1f]+$", message="Write it on one line."),
        ],
        description="Every merchant's app has a secret of its own. The same name gives the same app again.",
        render_kw={"autocomplete": "organization"},
    )


class PrivateKey(Form):
    private_key = PasswordField(
        "Private API key",
        [
            DataRequired("Paste the key. Klaviyo shows it once, when it is created."),
            Regexp(r"\s*pk_[A-Za-z0-9_]+\s*$", message="A private key begins with pk_; this is something else."),
            Length(max=200, message="This is too long for a key."),
        ],
        description="It begins with pk_. It is checked with Klaviyo, kept encrypted and never shown again.",
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class NewList(Form):
    name = StringField(
        "Name of the new list",
        [
            DataRequired("Name the list."),
            Length(max=200, message="At most 200 characters."),
            Regexp(r"[^\x00-\x1f]+$", message="Write it on one line."),
        ],
        description="As it will be called in Klaviyo. Whoever signs up to it there confirms by e-mail first.",
        render_kw={"autocomplete": "off"},
    )


class Pause(Form):
    reason = StringField(
        "Why",
        [Length(max=200, message="At most 200 characters.")],
        description="Shown to everyone who wonders why nothing arrives.",
        render_kw={"autocomplete": "off"},
    )


class TrialEvent(Form):
    email = EmailField(
        "Your e-mail address",
        [DataRequired("Type your address."), Length(max=100, message="At most 100 characters.")],
        description="Klaviyo keeps a profile for it. The event's metric is called Companion Test.",
        render_kw={"autocomplete": "email"},
    )

    def validate_email(self, field: Field) -> None:
        if not fields.email(field.data):
            raise ValidationError("This is no e-mail address.")
