"""An agency that takes applications over signed HTTP, in the shape of ``docs/add-an-agency.md``.

Which failure means what is decided in one place, :mod:`integrations.common.http`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp

from bot.domain.application import State
from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import AgencyManifest, AgencyStatus, Clock, Person, Submission
from integrations.common import http, states

CALLBACK_WINDOW_S = 300
_SECONDS = re.compile(r"[0-9]{1,12}")
_FILE_NAME = re.compile(r'filename="([\w.\- ]{1,120})"')


class CaseAgency:
    """See :class:`bot.ports.Agency`. Keeps one HTTP session; ``close`` it at the end.

    The manifest names two settings first: the address, then the secret. A subclass adds what its agency knows of people, and
    its own words for the states of a case.
    """

    state_words: Mapping[str, State] = states.STATES

    def __init__(self, manifest: AgencyManifest, url: str, secret: str, clock: Clock, timeout: float) -> None:
        self.manifest = manifest
        self._url = url.rstrip("/")
        self._path = urlsplit(self._url).path
        self._secret = secret.encode()
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    # -- people --------------------------------------------------------------------------------------------------------

    async def lookup(self, nik: str) -> Person | None:
        """:raises AgencyError: this agency keeps no register of people."""
        raise AgencyError("this agency looks nobody up")

    async def faces(self, nik: str) -> list[bytes]:
        """:raises AgencyError: this agency keeps no pictures."""
        raise AgencyError("this agency keeps no faces")

    # -- applications --------------------------------------------------------------------------------------------------

    async def submit(self, submission: Submission) -> str:
        """Hand in; returns the agency's reference. Safe to repeat under the same key."""
        answer = await self._json("POST", "/applications", await _application(submission), key=submission.key)
        ref = answer.get("agency_ref")
        if not isinstance(ref, str) or not ref or answer.get("reference") != submission.reference:
            # Something was said, but not whether the case exists: the same key finds out.
            raise AgencyUnavailable("the answer to a submission cannot be read")
        return ref

    async def find(self, key: str, reference: str) -> str | None:
        """The agency's number of the case handed in under that key, or under our reference; None: it never arrived.

        :raises AgencyUnavailable: nobody knows yet.
        :raises AgencyError: it names somebody else's case.
        """
        answer = await self._json("GET", f"/applications?{urlencode({'key': key, 'reference': reference})}")
        found = answer.get("applications")
        if not isinstance(found, list) or not all(isinstance(case, dict) for case in found):
            # "Never arrived" is a claim; only a list that was understood makes it.
            raise AgencyUnavailable("the answer to a search cannot be read")
        if any(case.get("reference") != reference for case in found):
            raise AgencyError("the agency found another applicant's case")
        refs = [case.get("agency_ref") for case in found]
        if not all(isinstance(ref, str) and ref for ref in refs):
            raise AgencyUnavailable("the answer to a search cannot be read")
        return str(refs[0]) if refs else None

    async def status(self, agency_ref: str) -> list[AgencyStatus]:
        """Every change so far, oldest first."""
        answer = await self._json("GET", f"{_case(agency_ref)}/history")
        history = answer.get("history")
        if not isinstance(history, list):
            raise AgencyError("the history is no list")
        changes = [states.status(raw, self.state_words) for raw in history]
        if any(change.agency_ref != agency_ref for change in changes):
            raise AgencyError("the history is of another case")
        return changes

    def verify_callback(self, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        """Whether a push comes from the agency: HMAC over time stamp and body, five minutes of window."""
        lower = {name.lower(): value for name, value in headers.items()}
        timestamp, given = lower.get("x-loket-timestamp", ""), lower.get("x-loket-signature", "")
        text = b"loket-callback-v1\n" + timestamp.encode("utf-8", "replace") + b"\n" + body
        expected = "v1=" + hmac.new(self._secret, text, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
            return False
        return bool(_SECONDS.fullmatch(timestamp)) and abs(now.timestamp() - int(timestamp)) <= CALLBACK_WINDOW_S

    def parse_callback(self, body: bytes) -> AgencyStatus:
        """The status in a verified push.

        :raises AgencyError: an unknown state or a wrong shape.
        """
        return states.push(body, self.state_words)

    async def document(self, agency_ref: str) -> tuple[str, bytes]:
        """Name and content of the finished PDF."""
        body, headers = await self._call("GET", f"{_case(agency_ref)}/document")
        http.whole_pdf(body)
        name = _FILE_NAME.search(headers.get("Content-Disposition", ""))
        return (name[1] if name else f"{agency_ref}.pdf"), body

    async def repair(self, agency_ref: str, submission: Submission) -> None:
        """Hand in the repaired data; ``submission.key`` is new for each repair, and the same when one is repeated."""
        await self._json("PUT", _case(agency_ref), await _application(submission), key=submission.key)

    async def cancel(self, agency_ref: str, reason: str, key: str) -> None:
        """Withdraw a case; safe to repeat under the same key."""
        await self._json("POST", f"{_case(agency_ref)}/cancel", {"reason": reason}, key=key)

    async def check(self) -> list[str]:
        """What is wrong with settings, connection or credentials; empty when all is well."""
        address, secret = self.manifest.settings[:2]
        if urlsplit(self._url).scheme not in ("http", "https") or not urlsplit(self._url).hostname:
            return [f"{address} is no http address"]
        if len(self._secret) < 16:
            return [f"{secret} is shorter than 16 characters"]
        try:
            await self._json("GET", "/ping")
        except AgencyUnavailable as error:
            if error.params.get("closed"):
                return []
            return [f"{self.manifest.id} does not answer at {address}: {error}"]
        except AgencyError as error:
            return [f"{self.manifest.id} refuses us: {error}; compare {secret} and the clocks"]
        return []

    # -- HTTP ----------------------------------------------------------------------------------------------------------

    async def _json(self, method: str, path: str, body: Any = None, key: str = "") -> dict[str, Any]:
        raw = b"" if body is None else body if isinstance(body, bytes) else _encode_json(body)
        answer, _ = await self._call(method, path, raw, key)
        parsed = http.parsed(answer)
        if not isinstance(parsed, dict):
            raise AgencyUnavailable("the agency answered with JSON that is no object")
        return parsed

    async def _call(self, method: str, path: str, body: bytes = b"", key: str = "") -> tuple[bytes, Mapping[str, str]]:
        http.awake(self.manifest, self._clock.now())
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        headers = self._signed(method, f"{self._path}{path}", key, body)
        status, answer, got = await http.exchange(self._session, method, f"{self._url}{path}", headers, body)
        http.refuse(status, _reasons(answer))
        return answer, got

    def _signed(self, method: str, path: str, key: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.now().timestamp()))
        digest = hashlib.sha256(body).hexdigest()
        text = "\n".join(("loket-request-v1", timestamp, method, path, key, digest))
        signature = "v1=" + hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
        headers = {"X-Loket-Timestamp": timestamp, "X-Loket-Signature": signature, "Content-Type": "application/json"}
        return headers | ({"Idempotency-Key": key} if key else {})


def _reasons(answer: bytes) -> tuple[dict[str, str], ...]:
    """``({field, message}, ...)`` as the agency gave them."""
    try:
        body = json.loads(answer)
        listed = body.get("errors") or [{"field": "", "message": body["RESPON"]}]
        return tuple({"field": str(one["field"]), "message": str(one["message"])} for one in listed)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _case(agency_ref: str) -> str:
    return f"/applications/{quote(agency_ref, safe='')}"


async def _application(submission: Submission) -> bytes:
    """The body of a submission; built in a thread, for it may hold tens of megabytes."""
    return await asyncio.to_thread(_encode, submission)


def _encode(submission: Submission) -> bytes:
    files = [
        {"field": path, "name": ref.name, "type": ref.type, "content": base64.b64encode(content).decode()}
        for ref, content, path in submission.files
    ]
    body = {
        "reference": submission.reference,
        "service": submission.service,
        "variant": submission.variant,
        "ending": submission.ending,
        "data": submission.data,
        "callback_url": submission.callback_url,
        "files": files,
    }
    return _encode_json(body)


def _encode_json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
