"""Fills a template: `{{kind:argument}}` becomes what the kind's function makes of the argument.

An unknown placeholder is an error in every case. A figure that was not run is one too, unless the document may be partial: then it says
"not run" in its place. All errors are told at once.
"""

import re

from results import Invalid, Missing

PLACEHOLDER = re.compile(r"\{\{\s*([a-z]+):\s*([^{}]*?)\s*\}\}")
BRACES = re.compile(r"\{\{.*")
NOT_RUN = "not run"


def fill(text, kinds, partial=False):
    errors = []

    def replaced(match):
        kind, argument = match.groups()
        try:
            if kind not in kinds:
                raise Invalid(f"no placeholder is of kind {kind!r}")
            return kinds[kind](argument)
        except Missing as missing:
            if not partial:
                errors.append(f"{match.group()}: not run ({missing})")
            return NOT_RUN
        except Invalid as invalid:
            errors.append(f"{match.group()}: {invalid}")
            return match.group()

    filled = PLACEHOLDER.sub(replaced, text)
    errors += [f"{rest.group()[:60]}: not a placeholder" for rest in BRACES.finditer(PLACEHOLDER.sub("", text))]
    if errors:
        raise Invalid("\n".join(errors))
    return filled


def between(text, begin, end, middle):
    """The text with what is between the two markers replaced, or as it is where there are none."""
    if begin not in text and end not in text:
        return text
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise Invalid(f"{begin} and {end} are not there once each, in this order")
    head, rest = text.split(begin)
    return f"{head}{begin}\n{middle.strip()}\n{end}{rest.split(end)[1]}"
