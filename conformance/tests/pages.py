"""A web server's page, for where another server stands than the API's."""

import http.server


class Page(http.server.BaseHTTPRequestHandler):
    """Whatever is asked for is a shop."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Shop</html>")

    def log_message(self, *_: object) -> None:
        pass
