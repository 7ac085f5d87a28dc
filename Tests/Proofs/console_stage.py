"""What the proofs of the console share: the program, a browser for it, and letters to look at."""

import http.client
import os
import pathlib
import shutil
import subprocess
import urllib.parse

import common

OPERATE, READ = "operate-token-of-the-proof", "read-token-of-the-proof"


class Console(common.Process):
    """`ocr-relay console`."""

    def __init__(self, folder, amqp_url, relays, **settings):
        folder = pathlib.Path(folder)
        self.port = common.free_port()
        self.state = folder / "console-state"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OCR_RELAY_")}
        environment |= {
            "OCR_RELAY_AMQP_URL": amqp_url, "OCR_RELAY_CONSOLE_LISTEN": f"127.0.0.1:{self.port}",
            "OCR_RELAY_CONSOLE_OPERATE_TOKEN": OPERATE, "OCR_RELAY_CONSOLE_READ_TOKEN": READ,
            "OCR_RELAY_CONSOLE_RELAYS": ",".join(relays), "OCR_RELAY_CONSOLE_STATE_FOLDER": str(self.state),
            "OCR_RELAY_CONSOLE_SAMPLE_SECONDS": "1",
        } | {"OCR_RELAY_CONSOLE_" + key.upper(): str(value) for key, value in settings.items()}
        super().__init__(
            [common.program("ocr-relay"), "console", "--config", "/dev/null"], folder / "console.log", environment)
        self.await_line("listening on")
        self.url = f"http://127.0.0.1:{self.port}"

    def request(self, method, path, headers={}, body=None, **form):
        """(status, headers, body) of one request; fields become a form."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = dict(headers)
        if form:
            body = urllib.parse.urlencode(form)
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def log_in(self, token=OPERATE, name="Mei"):
        """The cookie of a new session."""
        status, headers, _ = self.request("POST", "/login", {"Origin": self.url}, token=token, name=name)
        if status != 303:
            raise RuntimeError(f"login failed with {status}")
        return headers["Set-Cookie"].split(";")[0]


def chromium():
    """The browser of the system."""
    for name in ["chromium", "chromium-browser", "google-chrome"]:
        if path := shutil.which(name):
            return path
    raise RuntimeError("no Chromium; apt-get install --no-install-recommends chromium fonts-noto-cjk")


def document(browser, title, rows, kind="png", size=(620, 400), damage=None):
    """A picture of a made-up document, as the browser draws it."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    page.set_content(
        "<style>body{font:18px 'Noto Sans CJK SC',serif;margin:24px;border:2px solid #844;padding:18px}"
        f"td{{padding:6px 18px 6px 0}}h1{{font-size:26px;text-align:center}}</style><h1>{title}</h1><table>{cells}</table>")
    picture = page.screenshot(type=kind)
    page.close()
    return picture[:damage] if damage else picture
