"""Judges X12 files with pyx12: file names on standard input, one per line; one JSON object per file on standard output.

pyx12's own command always exits with 1, so its library is called. A crash of the judge is its verdict on the file and
must not end the others, hence the wide net.

Nine tenths of the time a small file takes pass in reading the maps, the guides' descriptions. They are read once, and
each file is judged in a process of its own that begins with them as they were read, since a judged file leaves its
counts in them.
"""

import gc
import json
import logging
import os
import sys

import pyx12.map_if
import pyx12.params
import pyx12.x12n_document


# The maps that our files ask for; any other is read by the process that needs it.
MAPS = ["x12.control.00501.xml", "834.5010.X220.A1.xml", "999.5010X231.A1.xml"]

# Files that are judged at the same time.
AT_ONCE = os.cpu_count() or 1

read_map = pyx12.map_if.load_map_file


class Maps:
    """Maps that were read beforehand, each to be used once."""

    def __init__(self):
        self.fresh = {name: read_map(name, pyx12.params.params(None), None) for name in MAPS}

    def load(self, name, param, folder=None):
        unused = self.fresh.pop(name, None) if folder is None else None
        return unused or read_map(name, param, folder)


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


def begin(path, complaints):
    """Begins to judge in a process of its own, and returns where its verdict will stand."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with open(writing, "w", encoding="utf-8") as out:
            out.write(json.dumps(judge(path, complaints)))
        # Without any of what would be done at the end of the process it was made from.
        os._exit(0)
    os.close(writing)
    return child, open(reading, encoding="utf-8")


def end(begun):
    """Prints a verdict once it is there."""
    child, verdict = begun
    with verdict:
        print(verdict.read(), flush=True)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("a judge ended without a verdict")


def main():
    complaints = Complaints()
    logger = logging.getLogger("pyx12")
    logger.addHandler(complaints)
    logger.propagate = False
    pyx12.map_if.load_map_file = Maps().load
    # What is there by now stays: no collection looks at it again, and so no process copies it.
    gc.freeze()
    begun = []
    for line in sys.stdin:
        begun.append(begin(line.rstrip("\n"), complaints))
        if len(begun) == AT_ONCE:
            end(begun.pop(0))
    for last in begun:
        end(last)


if __name__ == "__main__":
    main()
