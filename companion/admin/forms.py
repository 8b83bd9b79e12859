"""The small forms, their labels and what is wrong with what was typed. Tokens are the guard's business."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from wtforms import DateField, EmailField, Field, Form, IntegerField, PasswordField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp, ValidationError

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
        description="It begins with pk_. Klaviyo is asked about it, then it is kept encrypted and never shown again.",
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


SPEED: Final[list[Any]] = [Optional(), NumberRange(1, 1_000_000, "Write a number from 1 to 1,000,000, or nothing.")]


class Throttle(Form):
    orders_per_minute = IntegerField(
        "At most so many orders a minute",
        SPEED,
        description="For a shop that is busy or weak. Empty: as fast as the budget of calls allows.",
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class Schedule(Form):
    """What a history is asked for. Ticked are all channels and metrics there are, unless some were taken away."""

    since = DateField("First day", [Optional()], description="In UTC. Empty: from the first order on.")
    until = DateField("Last day", [Optional()], description="In UTC. Empty: up to now.")
    channels = SelectMultipleField("Sales channels", validate_choice=False)
    metrics = SelectMultipleField("Events", validate_choice=False)
    orders_per_minute = IntegerField(
        "At most so many orders a minute", SPEED, description=Throttle.orders_per_minute.kwargs["description"]
    )

    def choose(self, channels: Mapping[str, str], metrics: Sequence[str]) -> None:
        """Set what there is to choose from: channels' names by id, and metrics."""
        self.channels.choices = list(channels.items())
        self.metrics.choices = [(metric, metric) for metric in metrics]
        for field in (self.channels, self.metrics):
            if field.raw_data is None:
                field.data = [value for value, _ in field.choices]

    def asked(self) -> dict[str, Any]:
        """The options of the run: where all are ticked, none is named, so that what is added later counts too."""
        ticked = {name: self[name].data for name in ("channels", "metrics")}
        named = {name: [] if len(ticked[name]) == len(self[name].choices) else ticked[name] for name in ticked}
        dates = {name: self[name].data for name in ("since", "until", "orders_per_minute")}
        return {**named, **dates}

    def validate_until(self, field: Field) -> None:
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError("The last day is before the first.")

    def validate_channels(self, field: Field) -> None:
        _some_of(field, "Tick at least one sales channel.")

    def validate_metrics(self, field: Field) -> None:
        _some_of(field, "Tick at least one event.")


def _some_of(field: Field, advice: str) -> None:
    known = [value for value, _ in field.choices]
    field.data = [value for value in field.data if value in known]
    if known and not field.data:
        raise ValidationError(advice)
