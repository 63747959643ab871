"""An agency over HTTP, in the words of its description (``docs/add-an-agency.md``)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from bot.domain.messages import FileRef
from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import Agency, AgencyManifest, AgencyStatus, Clock, Person, Submission
from integrations.common import http
from integrations.generic_rest import body, signing
from integrations.generic_rest.changes import ChangeReader
from integrations.generic_rest.credentials import Credentials
from integrations.generic_rest.lint import capabilities, faults
from integrations.generic_rest.mapping import Scope, render
from integrations.generic_rest.paths import MISSING, get, text

__all__ = ["build", "capabilities", "faults"]

_PLACE = re.compile(r"\{([a-z_]+)\}")
Files = Sequence[tuple[FileRef, bytes, str]]


def build(data: Mapping[str, Any], manifest: AgencyManifest, config: Mapping[str, str], clock: Clock) -> Agency:
    """The adapter from a description without faults, and the settings it names."""
    return RestAgency(data, manifest, config, clock)


class RestAgency:
    """See :class:`bot.ports.Agency`. Keeps one HTTP session; ``close`` it at the end."""

    def __init__(
        self, data: Mapping[str, Any], manifest: AgencyManifest, config: Mapping[str, str], clock: Clock
    ) -> None:
        self.manifest = manifest
        self._data = data
        self._config = config
        self._clock = clock
        self._url = self._given(data["url"]).rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=manifest.timeout_s)
        self._session: aiohttp.ClientSession | None = None
        self._credentials = Credentials(data, self._given, clock)
        self._changes = ChangeReader(data)

    async def close(self) -> None:
        """End the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    # -- people --------------------------------------------------------------------------------------------------------

    async def lookup(self, nik: str) -> Person | None:
        """The person with that NIK, or None.

        :raises AgencyError: it is somebody else, or cannot be read.
        """
        call = self._call("lookup")
        status, answer, _ = await self._send("lookup", {"nik": nik}, none=call.get("none", ()))
        if status in call.get("none", ()):
            return None
        filled = render(call["person"], Scope({"answer": self._sound(answer)}, self._config))
        if not isinstance(filled, dict) or not filled.get("nik"):
            if call.get("empty_is_none"):
                return None
            raise AgencyError("the agency's word about a person cannot be read")
        if filled["nik"] != nik:
            raise AgencyError("the agency answered with another NIK than asked")
        try:
            born = date.fromisoformat(filled["tanggal_lahir"])
            return Person(nik=nik, name=str(filled["nama"]), birth_date=born, data=filled)
        except (KeyError, TypeError, ValueError) as error:
            raise AgencyError("the person lacks a name or birth date that can be read") from error

    async def faces(self, nik: str) -> list[bytes]:
        """:raises AgencyError: a description has no faces."""
        raise AgencyError("this agency keeps no faces")

    # -- applications --------------------------------------------------------------------------------------------------

    async def submit(self, submission: Submission) -> str:
        """Hand in; returns the agency's reference. Safe to repeat under the same key."""
        call = self._call("submit")
        if "idempotency_header" not in self._data:
            # Nothing tells this agency that a call is a repeat: ask before.
            known = await self.find(submission.key, submission.reference)
            if known is not None:
                return known
        _, answer, _ = await self._send("submit", _named(submission), submission.files, submission.key)
        found = self._sound(answer)
        ref = text(found, call["answer"]["reference"])
        ours = text(found, call["answer"]["ours"]) if "ours" in call["answer"] else submission.reference
        if not ref or ours != submission.reference:
            # Something was said, but not whether the case exists: the same key finds out.
            raise AgencyUnavailable("the answer to a submission cannot be read")
        return ref

    async def find(self, key: str, reference: str) -> str | None:
        """The agency's number of the case handed in under that key, or under our reference; None: it never arrived."""
        call = self._call("find")
        none = call.get("none", ())
        status, answer, _ = await self._send("find", {"key": key, "reference": reference}, none=none)
        if status in none:
            return None
        rule = call["answer"]
        found = get(self._sound(answer), rule.get("list", "$"))
        rows = found if isinstance(found, list) else [found] if "list" not in rule and isinstance(found, dict) else None
        if rows is None:
            raise AgencyUnavailable("the answer to a search cannot be read")
        refs = [text(row, rule["reference"]) for row in rows]
        if "ours" in rule and any(text(row, rule["ours"]) != reference for row in rows):
            raise AgencyError("the agency found another applicant's case")
        if not all(refs):
            raise AgencyUnavailable("the answer to a search cannot be read")
        return refs[0] if refs else None

    async def status(self, agency_ref: str) -> list[AgencyStatus]:
        """Every change so far, oldest first; of an agency that keeps no history, where it stands now."""
        rule = self._call("status").get("answer", {})
        _, answer, _ = await self._send("status", {"agency_ref": agency_ref})
        found = self._sound(answer)
        if "history" not in rule:
            return [self._changes.read(get(found, rule.get("change", "$")), agency_ref)]
        rows = get(found, rule["history"])
        if not isinstance(rows, list):
            raise AgencyError("the history is no list")
        return sorted((self._changes.read(row, agency_ref) for row in rows), key=lambda change: change.at)

    def verify_callback(self, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        """Whether a push carries the agency's signature."""
        rule = self._data.get("callback")
        return rule is not None and signing.verify(rule, self._given(rule["secret"]), body, headers, now)

    def parse_callback(self, body: bytes) -> AgencyStatus:
        """The status in a verified push.

        :raises AgencyError: an unknown state or a wrong shape.
        """
        if "callback" not in self._data:
            raise AgencyError("this agency pushes nothing")
        try:
            found = http.parsed(body)
        except AgencyUnavailable as error:
            raise AgencyError("a callback is no JSON") from error
        return self._changes.read(get(found, self._data["callback"].get("change", "$")))

    async def document(self, agency_ref: str) -> tuple[str, bytes]:
        """Name and content of the finished PDF."""
        rule = self._call("document").get("answer", {})
        _, answer, _ = await self._send("document", {"agency_ref": agency_ref})
        if not rule:
            return f"{agency_ref}.pdf", http.whole_pdf(answer)
        found = self._sound(answer)
        name = (text(found, rule["name"]) if "name" in rule else "") or f"{agency_ref}.pdf"
        return name, http.whole_pdf(await self._content(rule, found))

    async def repair(self, agency_ref: str, submission: Submission) -> None:
        """Hand in the repaired data; ``submission.key`` is new for each repair, and the same when one is repeated."""
        values = {**_named(submission), "agency_ref": agency_ref}
        _, answer, _ = await self._send("repair", values, submission.files, submission.key)
        self._sound(answer, may_be_empty=True)

    async def cancel(self, agency_ref: str, reason: str, key: str) -> None:
        """Withdraw a case; safe to repeat under the same key."""
        _, answer, _ = await self._send("cancel", {"agency_ref": agency_ref, "reason": reason, "key": key}, key=key)
        self._sound(answer, may_be_empty=True)

    async def check(self) -> list[str]:
        """What is wrong with settings, connection or credentials; empty when all is well."""
        if urlsplit(self._url).scheme not in ("http", "https") or not urlsplit(self._url).hostname:
            return [f"{self.manifest.id}: `url` is no http address"]
        try:
            http.awake(self.manifest, self._clock.now())
            if "check" in self._data["calls"]:
                _, answer, _ = await self._send("check", {})
                self._sound(answer, may_be_empty=True)
            else:
                await self._credentials.headers(self._open(), "GET", "/", "", b"")
        except AgencyUnavailable as error:
            return [] if error.params.get("closed") else [f"{self.manifest.id} does not answer: {error}"]
        except AgencyError as error:
            return [f"{self.manifest.id} refuses us: {error}; compare `authentication`, its secrets and the clocks"]
        return []

    # -- HTTP ----------------------------------------------------------------------------------------------------------

    def _given(self, value: Any) -> str:
        """A text of the description, or the setting it names."""
        return self._config[value["secret"]] if isinstance(value, Mapping) else str(value)

    def _call(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] | None = self._data["calls"].get(name)
        if found is None:
            raise AgencyError("this agency's description has no such call", call=name)
        return found

    async def _send(
        self, name: str, values: Mapping[str, Any], files: Files = (), key: str = "", none: Sequence[int] = ()
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """One described call; ``none``: statuses that mean "there is none"."""
        call = self._call(name)
        http.awake(self.manifest, self._clock.now())
        content, type_ = b"", ""
        if "body" in call:
            scope = Scope({"now": self._clock.now(), "files": body.files_of(files), **values}, self._config)
            filled = render(call["body"], scope)
            content, type_ = await body.encoded(call, {} if filled is MISSING else filled, files, key)
        path = _PLACE.sub(lambda found: quote(str(values[found[1]]), safe=""), call["path"])
        return await self._exchange(call["method"], f"{self._url}{path}", content, type_, key, none)

    async def _exchange(
        self, method: str, url: str, content: bytes, type_: str, key: str, none: Sequence[int]
    ) -> tuple[int, bytes, Mapping[str, str]]:
        session = self._open()
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        fixed = {str(k): str(v) for k, v in self._data.get("headers", {}).items()}
        if type_:
            fixed["Content-Type"] = type_
        if key and "idempotency_header" in self._data:
            fixed[self._data["idempotency_header"]] = key
        for last in (False, True):
            proof = await self._credentials.headers(session, method, target, key, content)
            status, answer, got = await http.exchange(
                session, method, url, {**fixed, **proof}, content, retry=self._data.get("retry", ())
            )
            if status != 401 or last or not self._credentials.renewable:
                break
            # Withdrawn before its time: once with a new token, under the same key.
            self._credentials.forget(proof)
        if status not in none:
            http.refuse(status, self._reasons(answer))
        return status, answer, got

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._credentials.tls())
            self._session = aiohttp.ClientSession(timeout=self._timeout, connector=connector)
        return self._session

    def _sound(self, answer: bytes, may_be_empty: bool = False) -> Any:
        """The JSON of an answer that does not hide an error behind a 200.

        :raises AgencyError: it does. :raises AgencyUnavailable: no JSON, or the agency's word for "later".
        """
        if may_be_empty and not answer.strip():
            return None
        found = http.parsed(answer)
        rule = self._data.get("success")
        if rule is None:
            return found
        word = get(found, rule["path"])
        if word in rule["is"]:
            return found
        if word in rule.get("later", ()):
            raise AgencyUnavailable("the agency says: later")
        raise AgencyError("the agency answered 200 with an error", reasons=self._reasons(answer))

    def _reasons(self, answer: bytes) -> tuple[dict[str, str], ...]:
        """``({field, message}, ...)`` as the agency gave them, fields in our words where they are known."""
        rule = self._data.get("errors")
        try:
            found = http.parsed(answer) if rule else None
        except AgencyUnavailable:
            return ()
        if rule is None or found is None:
            return ()
        rows = get(found, rule["list"]) if "list" in rule else None
        names = self._data.get("field_names", {})
        if isinstance(rows, list) and rows:
            fields = [text(row, rule.get("field", "field")) for row in rows]
            messages = [text(row, rule.get("message", "message")) for row in rows]
            return tuple({"field": str(names.get(f, f)), "message": m} for f, m in zip(fields, messages, strict=True))
        said = text(found, rule["text"]) if "text" in rule else ""
        return ({"field": "", "message": said},) if said else ()

    async def _content(self, rule: Mapping[str, Any], found: Any) -> bytes:
        if "content" in rule:
            try:
                return base64.b64decode(text(found, rule["content"]), validate=True)
            except (binascii.Error, ValueError) as error:
                raise AgencyError("the document is no base64") from error
        link = text(found, rule["link"])
        # Our credentials go nowhere but to the agency.
        if not link.startswith(f"{self._url}/") or not link.isascii() or ".." in link:
            raise AgencyError("the document's address is not below the agency's own")
        return (await self._exchange("GET", link, b"", "", "", ()))[1]


def _named(submission: Submission) -> dict[str, Any]:
    return {
        "key": submission.key,
        "reference": submission.reference,
        "service": submission.service,
        "variant": submission.variant,
        "ending": submission.ending,
        "callback_url": submission.callback_url,
        "data": _nested(submission.data),
    }


def _nested(data: Mapping[str, Any]) -> dict[str, Any]:
    """Field paths as keys are unfolded: ``{"anak.nama": 1}`` becomes ``{"anak": {"nama": 1}}``."""
    out: dict[str, Any] = {}
    for path, value in data.items():
        *above, last = path.split(".")
        node = out
        for step in above:
            node = node.setdefault(step, {})
        node[last] = value
    return out
