"""Links that open with a code from the chat (documents, one's own data): a fresh code, said in the conversation the link was sent in."""

from __future__ import annotations

import secrets

from bot.domain import linking
from bot.domain.document_link import CODE_LIFE, CODES, DataLink, DocumentLink
from bot.domain.messages import Kind, Reply
from bot.errors import LoketError
from bot.usecases.deps import Deps
from bot.usecases.store import Tx


class NoMoreCodes(LoketError):
    """The link has sent all its codes."""

    code = "document_link_codes"
    text_key = "document.no_more_codes"


async def fresh_code(deps: Deps, tx: Tx, link: DocumentLink | DataLink, about: str) -> None:
    """Say a new code; those before it are void. The caller has locked the link and writes it afterwards.

    :param about: ``document`` or ``data``: which sentence.
    :raises NoMoreCodes: see there.
    """
    now, code = deps.now(), linking.new_code(secrets.randbits)
    if not link.sends_code(now):
        raise NoMoreCodes(f"{CODES} codes were sent")
    link.code_hash, link.code_expires_at, link.codes = deps.token_hash(code), now + CODE_LIFE, link.codes + 1
    reader = await tx.conversation(link.conversation_id, lock=True)
    minutes = int(CODE_LIFE.total_seconds()) // 60
    text = deps.say(_SENTENCES[about], reader, code=linking.shown(code), minutes=minutes)
    key = f"{about}-code:{link.token_hash.hex()[:16]}:{link.codes}"
    await tx.say(reader.id, [Reply(text, Kind.IDENTITY)], now, key=key, notice=True)


_SENTENCES = {"document": "document.code", "data": "privacy.code"}
