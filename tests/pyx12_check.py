"""Judges X12 files with pyx12: file names on standard input, one per line; one JSON object per file on standard output.

pyx12's own command always exits with 1, so its library is called. A crash of the judge is its verdict on the file and
must not end the others, hence the wide net.
"""

import json
import logging
import sys

import pyx12.params
import pyx12.x12n_document


class Complaints(logging.Handler):
    """Keeps what pyx12 would print."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


def judge(path, complaints):
    complaints.said = []
    try:
        accepted = pyx12.x12n_document.x12n_document(
            param=pyx12.params.params(None), src_file=path, fd_997=None, fd_html=None
        )
    except Exception as crash:
        accepted = False
        complaints.said.append(f"the judge crashed: {type(crash).__name__}: {crash}")
    return {"accepted": bool(accepted), "complaints": complaints.said}


def main():
    complaints = Complaints()
    logger = logging.getLogger("pyx12")
    logger.addHandler(complaints)
    logger.propagate = False
    for line in sys.stdin:
        print(json.dumps(judge(line.rstrip("\n"), complaints)), flush=True)


if __name__ == "__main__":
    main()
