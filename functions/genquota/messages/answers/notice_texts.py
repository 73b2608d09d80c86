"""Short texts of push notices. An app with its own texts uses the data beside them."""

from genquota.domain.quota.notices import Notice, NoticeKind
from genquota.messages.answers.callable_answers import rfc3339
from genquota.messages.requests.locales import language_of

_TEXTS = {
    "en": {
        "limit-80": ("Almost used up", "{used} of {limit} credits used ({window})."),
        "limit-100": ("All used up", "All {limit} credits are used ({window})."),
        "period": ("New credits", "A new period has begun: {limit} credits."),
    },
    "de": {
        "limit-80": ("Fast aufgebraucht", "{used} von {limit} Credits verbraucht ({window})."),
        "limit-100": ("Aufgebraucht", "Alle {limit} Credits sind verbraucht ({window})."),
        "period": ("Neue Credits", "Ein neuer Zeitraum hat begonnen: {limit} Credits."),
    },
    "es": {
        "limit-80": ("Casi agotado", "{used} de {limit} créditos usados ({window})."),
        "limit-100": ("Agotado", "Has usado los {limit} créditos ({window})."),
        "period": ("Créditos nuevos", "Ha empezado un período nuevo: {limit} créditos."),
    },
    "fr": {
        "limit-80": ("Presque épuisé", "{used} crédits utilisés sur {limit} ({window})."),
        "limit-100": ("Épuisé", "Les {limit} crédits sont utilisés ({window})."),
        "period": ("Nouveaux crédits", "Une nouvelle période a commencé : {limit} crédits."),
    },
}
_WINDOWS = {
    "en": {
        "day": "day",
        "week": "week",
        "month": "month",
        "quarter": "quarter",
        "period": "period",
    },
    "de": {
        "day": "Tag",
        "week": "Woche",
        "month": "Monat",
        "quarter": "Quartal",
        "period": "Zeitraum",
    },
    "es": {
        "day": "día",
        "week": "semana",
        "month": "mes",
        "quarter": "trimestre",
        "period": "período",
    },
    "fr": {
        "day": "jour",
        "week": "semaine",
        "month": "mois",
        "quarter": "trimestre",
        "period": "période",
    },
}
_USUAL = "en"


def notice_key(notice: Notice) -> str:
    """Return the key of a notice's text, for apps that translate it themselves."""
    return "period" if notice.kind is NoticeKind.PERIOD else f"limit-{notice.threshold}"


def notice_text(notice: Notice, locale: str | None) -> tuple[str, str]:
    """Return title and body in the device's language, or in English."""
    language = language_of(locale or "") or _USUAL
    language = language if language in _TEXTS else _USUAL
    title, body = _TEXTS[language][notice_key(notice)]
    usage = notice.usage
    text = body.format(
        used=usage.used, limit=usage.limit, window=_WINDOWS[language][usage.window.value]
    )
    return title, text if usage.type is None else f"{usage.type}: {text}"


def notice_data(notice: Notice) -> dict[str, str]:
    """Return what an app is sent beside the text; FCM carries texts only."""
    usage = notice.usage
    return {
        "noticeId": notice.id,
        "key": notice_key(notice),
        "kind": notice.kind.value,
        "window": usage.window.value,
        "type": usage.type or "",
        "limit": str(usage.limit),
        "used": str(usage.used),
        "resetsAt": rfc3339(usage.resets_at),
    }
