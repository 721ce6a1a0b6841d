"""A page in QtWebKit 5.212, the WebKit of 2016: shown, walked by keys, measured. Run by Debian's own Python.

    QT_QPA_PLATFORM=offscreen python3 webkit_2016.py ADDRESS PICTURE <codes of keys, blanks between

Prints what the page notes after every key, and its faults, as JSON; writes PICTURE.
"""

import sys
from collections.abc import Callable

from PyQt5.QtCore import QSize, Qt, QTimer, QUrl  # type: ignore[import-not-found]
from PyQt5.QtTest import QTest  # type: ignore[import-not-found]
from PyQt5.QtWebKitWidgets import QWebView  # type: ignore[import-not-found]
from PyQt5.QtWidgets import QApplication  # type: ignore[import-not-found]

KEYS = {37: Qt.Key_Left, 38: Qt.Key_Up, 39: Qt.Key_Right, 40: Qt.Key_Down, 13: Qt.Key_Return, 27: Qt.Key_Escape}
KEYS |= {code: code for code in range(48, 58)}
WATCH = """
  window.seen = []; window.acts = []; window.faults = [];
  window.onerror = function (words) { faults.push(words) };
  var real = act;
  act = function (t) { if (t.charAt(0) == '/' || t.charAt(0) == '=') acts.push(t); real(t) };
  probe = function () {};
"""
NOTE = "seen.push([FOCUS, ly, V, acts.join(' ')]); acts = []; bz = 0; lt = 0"
TOLD = """JSON.stringify({seen: seen, faults: faults, width: document.documentElement.scrollWidth,
  height: document.documentElement.scrollHeight, focus: document.querySelectorAll('.on').length})"""


def walk(view: QWebView, codes: list[int], picture: str, done: Callable[[], None]) -> None:
    """Press the keys, tell what came of it, take the picture."""
    frame = view.page().mainFrame()
    frame.evaluateJavaScript(WATCH)
    for code in codes:
        QTest.keyClick(view, KEYS[code])
        frame.evaluateJavaScript(NOTE)
    print(frame.evaluateJavaScript(TOLD))
    view.grab().save(picture)
    done()


def main() -> None:
    """Show the page and walk it as soon as it is there."""
    address, picture = sys.argv[1:]
    codes = [int(code) for code in sys.stdin.read().split()]
    app = QApplication(sys.argv[:1])
    view = QWebView()
    view.page().setPreferredContentsSize(QSize(1280, 720))
    view.resize(1280, 720)
    view.loadFinished.connect(lambda _: QTimer.singleShot(0, lambda: walk(view, codes, picture, app.quit)))
    view.load(QUrl(address))
    view.show()
    QTimer.singleShot(20_000, app.quit)
    app.exec_()


if __name__ == "__main__":
    main()
