"""A program that answers tasks: a line of JSON in, a line of JSON out, until its input ends."""

import json
import sys


def serve(answer):
    """Every task goes to `answer`; what that raises is an answer, too."""
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        try:
            reply = {"found": answer(json.loads(line))}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)
