"""Opens pages in a real browser, launched once, and says as JSON what each looks like on a desk, on a telephone and on
paper.

    python3 tests/page_check.py PAGE.html...

The browser is Chromium, spoken to by its own protocol over two pipes: nothing is installed for it, and no port is open.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SCREENS = {"desk": (1280, 800, False), "telephone": (390, 844, True)}

# What stands further to the right than the window, but for what scrolls in a box of its own; and what can be read.
LOOK = """(() => {
  const wide = [...document.body.querySelectorAll('*')].filter(e => !e.closest('.scroll') || e.matches('.scroll'));
  const right = e => e.getBoundingClientRect().right;
  return JSON.stringify({
    window: innerWidth,
    scrolls: document.documentElement.scrollWidth > innerWidth,
    over: wide.filter(e => right(e) > innerWidth + 1).map(e => e.tagName),
    text: document.body.innerText,
    drawn: [...document.querySelectorAll('svg')].every(e => e.getBoundingClientRect().width > 20),
    scripts: document.scripts.length,
  });
})()"""


class Browser:
    """Chromium without a window."""

    def __init__(self, folder):
        (here, to_browser), (from_browser, there) = os.pipe(), os.pipe()
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--no-first-run", "--disable-background-networking", "--disable-component-update",
                   "--disable-sync", "--remote-debugging-pipe", f"--user-data-dir={folder}/profile"]

        def wire():
            # The numbers the protocol wants. Both were copied before, so that neither lies on the other's.
            one, other = os.dup(here), os.dup(there)
            os.dup2(one, 3)
            os.dup2(other, 4)

        environment = {"HOME": str(folder), "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TMPDIR": str(folder)}
        self.process = subprocess.Popen(command, close_fds=False, preexec_fn=wire, env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(here)
        os.close(there)
        self.write = os.fdopen(to_browser, "wb", buffering=0)
        self.read = os.fdopen(from_browser, "rb")
        self.count, self.session, self.events, self.rest = 0, None, [], b""

    def message(self):
        while b"\0" not in self.rest:
            more = self.read.read1(65536)
            if not more:
                raise SystemExit("the browser has gone")
            self.rest += more
        one, _, self.rest = self.rest.partition(b"\0")
        return json.loads(one)

    def ask(self, method, **parameters):
        """Asks for something and waits for the answer; what happens meanwhile is kept."""
        self.count += 1
        question = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            question["sessionId"] = self.session
        self.write.write(json.dumps(question).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.count:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait(self, method):
        """Until this happens."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def open_page(self):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def look(self, page, width, height, mobile):
        self.events.clear()
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.ask("Page.navigate", url=page)
        self.wait("Page.loadEventFired")
        seen = json.loads(self.ask("Runtime.evaluate", expression=LOOK)["result"]["value"])
        named = lambda method: [event["params"] for event in self.events if event.get("method") == method]
        seen["requests"] = [sent["request"]["url"] for sent in named("Network.requestWillBeSent")]
        seen["complaints"] = [entry["entry"]["text"] for entry in named("Log.entryAdded")]
        seen["complaints"] += [str(entry.get("args")) for entry in named("Runtime.consoleAPICalled")]
        seen["complaints"] += [str(entry) for entry in named("Runtime.exceptionThrown")]
        return seen

    def print(self):
        pdf = base64.b64decode(self.ask("Page.printToPDF", printBackground=False, preferCSSPageSize=True)["data"])
        return {"bytes": len(pdf), "pages": len(re.findall(rb"/Type\s*/Page\b", pdf)), "begins": pdf[:5].decode()}


def main(paths):
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(folder)
        try:
            browser.open_page()
            for page in (Path(path).resolve().as_uri() for path in paths):
                looks = {name: browser.look(page, *screen) for name, screen in SCREENS.items()}
                seen.append({"page": page, "paper": browser.print(), **looks})
        finally:
            browser.process.kill()
            browser.process.wait()
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1:])
