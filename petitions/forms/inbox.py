"""What one's own notices may be narrowed by, and how they reach one outside the system."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agents.models import Cadre
from workflow.codes import NoticeKind
from workflow.models import InboxMessage
from workflow.preferences import offered, wanted
from workflow.steps import Term

ANY = ("", _("Any"))


class InboxFilter(forms.Form):
    """Each of them goes along an index of the reader's own notices, newest first."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[ANY, *NoticeKind.choices], required=False)
    term = forms.ChoiceField(label=_("Term"), choices=[ANY, *Term.choices], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def narrowed(self, rows: QuerySet[InboxMessage]) -> QuerySet[InboxMessage]:
        """Those that fit; a filter that says nothing sensible narrows nothing."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return rows.filter(**{name: value for name, value in given.items() if value})


#: Name of a tab -> its label, and which notices it shows.
TABS: dict[str, tuple[Any, Q]] = {
    "all": (_("All"), Q()),
    "unread": (_("Unread"), Q(read_at=None)),
    "open": (_("To be done"), Q(done_at=None)),
    "done": (_("Done"), Q(done_at__isnull=False)),
    "requests": (_("Requests"), Q(notice__in=["request_made", "request_decided"])),
}


class PreferencesForm(forms.Form):
    """By which channels each kind of notice reaches one, and in which language.

    The inbox always has them all; offered are the channels that the office has set up and for
    which one's address is known.
    """

    language = forms.ChoiceField(
        label=_("Language of messages"),
        required=False,
        help_text=_("Of those that leave the system; the pages speak the language of the button."),
    )

    def __init__(self, *args: Any, cadre: Cadre, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.cadre = cadre
        known = {name for name in ("email", "phone") if getattr(cadre, name)}
        self.channels = offered(known)
        language: Any = self.fields["language"]
        language.choices = [("", _("As the office has it")), *settings.LANGUAGES]
        self.initial.setdefault("language", cadre.language)
        for kind, label in NoticeKind.choices if self.channels else ():
            self.fields[kind] = forms.MultipleChoiceField(
                label=label,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=[(name, one.label) for name, one in self.channels.items()],
                help_text=HELP[NoticeKind(kind)],
            )
            self.initial.setdefault(kind, self._chosen(kind))

    def save(self) -> None:
        """Keep what was chosen; of channels not offered now, what was chosen before."""
        chosen = dict(self.cadre.notice_channels or {})
        for kind in set(NoticeKind.values) & set(self.fields):
            hidden = set(chosen.get(kind, ())) - set(self.channels)
            chosen[kind] = sorted({*self.cleaned_data[kind], *hidden})
        self.cadre.notice_channels = chosen or None
        self.cadre.language = self.cleaned_data["language"]
        self.cadre.save(update_fields=["notice_channels", "language"])

    def _chosen(self, kind: str) -> list[str]:
        return [name for name in self.channels if wanted(self.cadre.notice_channels, kind, name)]


HELP = {
    NoticeKind.URGENT: _("At once, at any hour."),
    NoticeKind.REMINDER: _("Gathered into one message on the morning of each working day."),
    NoticeKind.OTHER: _("At once, but not in the quiet hours."),
}
