"""Fills templates in by Jinja itself: cases as JSON on standard input, their outputs on standard output."""

import json
import sys

import jinja2


def output_of(case):
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    try:
        return environment.from_string(case["template"]).render(case.get("context", {}))
    except Exception:
        return None


json.dump([output_of(case) for case in json.load(sys.stdin)], sys.stdout)
