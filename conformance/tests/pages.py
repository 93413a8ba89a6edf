"""A web server's page, for where another server stands than the API's."""

import http.server


class Page(http.server.BaseHTTPRequestHandler):
    """Whatever is asked for is a shop."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Shop</html>")

    def log_message(self, *_: object) -> None:
        pass


class Gate(Page):
    """A proxy that wants to know first who asks."""

    status = 407
