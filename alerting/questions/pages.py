"""The answer page: plain HTML that works without scripts, with a keyboard and with a screen reader.

It names no record, no case and no person, and repeats nothing of what came in.
"""

import html
from typing import Literal
from urllib.parse import parse_qsl

from alerting.notification import hour_of
from alerting.questions.commands import AskedQuestion, Said
from alerting.questions.contacts import Audience

MAX_REASON = 2_000
_MAX_FIELDS = 10
_HOUR_SECONDS = 3600

Ending = Literal["taken", "answered", "expired", "unknown"]

CHOICES: dict[Audience, dict[Said, str]] = {
    "actor": {"yes": "Yes, this was me", "no": "No, this was not me", "unknown": "I do not know"},
    "manager": {"yes": "Yes, this was part of the work", "no": "No, it was not", "unknown": "I do not know"},
}
QUESTIONS: dict[Audience, str] = {
    "actor": "Was the activity of your account at this time yours?",
    "manager": "Somebody whom you lead worked with records at this time. Was that part of the work?",
}
ENDINGS: dict[Ending, tuple[str, str]] = {
    "taken": ("Thank you", "Your answer was recorded. You can close this page."),
    "answered": ("This question was answered already", "A link can be used once. If the answer was not yours, call "
                 "the privacy office now."),
    "expired": ("This link has expired", "Call the privacy office if you still want to answer."),
    "unknown": ("This link does not work", "Open it from the message again, whole. If it still does not work, call "
                "the privacy office."),
}  # fmt: skip

_STYLE = (
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}h1{font-size:1.6rem;line-height:1.25}fieldset{border:1px solid #767676;border-radius:.4rem;"
    "padding:.6rem 1rem;margin:1.2rem 0}legend{font-weight:600;padding:0 .3rem}.choice{display:block;padding:.45rem 0}"
    "input[type=radio]{width:1.2rem;height:1.2rem;margin:0 .6rem 0 0;vertical-align:-.15rem}"
    "textarea{font:inherit;width:100%;box-sizing:border-box;border:1px solid #767676;border-radius:.3rem;padding:.5rem}"
    "label[for]{font-weight:600}.hint{color:#4a4a4a;margin:.2rem 0 .4rem}"
    "button{font:inherit;font-weight:600;padding:.6rem 1.6rem;border:0;border-radius:.4rem;background:#0b5394;"
    "color:#fff;cursor:pointer}:focus-visible{outline:3px solid #b45309;outline-offset:2px}"
    ".error{border-left:.3rem solid #b00020;padding:.3rem .8rem;color:#8a0019;font-weight:600}"
)


def question_page(question: AskedQuestion, proof: str, *, is_incomplete: bool = False) -> str:
    """Return the page that asks. Nothing happens until the form is sent: a program that looks uses nothing up."""
    choices = "".join(
        f"<label class='choice'><input type='radio' name='said' value='{said}' required>{html.escape(text)}</label>"
        for said, text in CHOICES[question.audience].items()
    )
    first, end = (_hour(hour_of(at)) for at in (question.first_at, question.last_at + _HOUR_SECONDS))
    error = "<p class='error' role='alert'>Please choose one of the three answers.</p>" if is_incomplete else ""
    return _page(
        "Please confirm activity",
        f"<p>{html.escape(QUESTIONS[question.audience])}</p>"
        f"<p><strong>When:</strong> {html.escape(first)} to {html.escape(end)} (UTC).</p>"
        f"{error}<form method='post' autocomplete='off'>"
        f"<input type='hidden' name='proof' value='{html.escape(proof, quote=True)}'>"
        f"<fieldset><legend>Your answer</legend>{choices}</fieldset>"
        "<label for='reason'>What was the reason? (optional)</label>"
        "<p class='hint' id='hint'>Do not write names or record numbers.</p>"
        f"<textarea id='reason' name='reason' rows='4' maxlength='{MAX_REASON}' aria-describedby='hint'></textarea>"
        "<p><button type='submit'>Send answer</button></p></form>"
        f"<p class='hint'>You can answer once, until {html.escape(_hour(hour_of(question.expires_at)))} (UTC). "
        "An answer decides nothing by itself; the privacy office reads it.</p>",
    )


def ending_page(ending: Ending) -> str:
    """Return the page that says what became of an answer."""
    title, text = ENDINGS[ending]
    return _page(title, f"<p>{html.escape(text)}</p>")


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields of an answer; empty for what is no form of ours."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:  # not ASCII, too many fields
        return {}
    return dict(pairs)


def read_said(fields: dict[str, str]) -> Said | None:
    """Return which answer was chosen, None for none."""
    return next((said for said in CHOICES["actor"] if said == fields.get("said")), None)


def _hour(hour: str) -> str:
    """Return an hour for people: `2026-03-02 09:00`."""
    return hour.removesuffix(":00Z").replace("T", " ")


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'><meta name='robots' content='noindex'>"
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{html.escape(title)}</h1>{body}</main></body></html>\n"
    )
