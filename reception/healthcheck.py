"""`python -m reception.healthcheck URL`: exit code 0 when URL answers 200. For containers, which have no curl."""

import sys
import urllib.error
import urllib.request


def main(arguments: list[str]) -> int:
    """Returns the exit code; says why on stderr."""
    if len(arguments) != 1:
        print("usage: python -m reception.healthcheck URL", file=sys.stderr)
        return 2
    try:
        with urllib.request.urlopen(arguments[0], timeout=4):
            return 0
    except (urllib.error.URLError, OSError, ValueError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
