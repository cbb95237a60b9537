"""May this web page reach a function by its URL?  Pure.

A function URL of AWS is public.  This one runs code on somebody's own machine, with whatever that machine reaches, so a
page of another site must not be able to use it unless the URL's Cors names the page's origin: CORS alone would not do,
browsers send simple requests first and ask afterwards whether the page may read the answer.

What is no browser (curl, an SDK, a webhook through a tunnel) is not stopped: it could say anything.  A browser cannot
help saying what it is: each sends `Sec-Fetch-Site`, or at least a `User-Agent` with `Mozilla/`, which a page can change
only for requests that the browser asks about beforehand.
"""

from collections.abc import Mapping

from emulator.services.lambda_.url_cors import Cors

_OWN_SITE = ("same-origin", "none")


def refusal(headers: Mapping[str, str], cors: Cors) -> str | None:
    """A sentence why this request is refused, or None.  `headers` have lower-case names."""
    site = headers.get("sec-fetch-site")
    if site is None and "mozilla/" not in headers.get("user-agent", "").lower():
        return None
    origin = headers.get("origin")
    if origin is not None:
        host = headers.get("host", "").lower()
        if origin.lower() in (f"http://{host}", f"https://{host}") or cors.trusts(origin):
            return None
        return (
            f"Origin {origin!r} is another site: name it in AllowOrigins of the function URL's Cors"
            " ('*' stands for pages of this machine alone)."
        )
    if site is not None and site.strip().lower() not in _OWN_SITE:
        return (
            "A page of another site may use a function URL with fetch alone, when AllowOrigins of its Cors names the"
            f" page's origin (Sec-Fetch-Site: {site})."
        )
    return None
