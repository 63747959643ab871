"""Whether the bots and numbers of an installation belong to offices that there are."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.catalogue import Locus


def misplaced(loci: Mapping[str, Locus], accounts: Mapping[str, str], default: str) -> list[str]:
    """What is wrong, a sentence each in both languages. ``accounts``: account id -> office, as the settings say; ``default``:
    ``LOKET_LOCUS``.
    """
    known = ", ".join(sorted(loci))
    found = []
    if default not in loci:
        found.append(
            f"LOKET_LOCUS={default}: tidak ada MPP itu (yang ada: {known}) / there is no such MPP (there are: {known}): "
            f"tambahkan / add loci/{default}.yml"
        )
    listed = {account: code for code, locus in loci.items() for account in locus.accounts}
    for account, office in sorted(accounts.items()):
        setting = _SETTINGS.get(account.partition(":")[0])
        if setting is None:
            continue
        if office not in loci:
            found.append(
                f"{setting}: {account} untuk MPP {office} yang tidak ada / is for MPP {office}, which there is not: "
                f"{known}, atau / or loci/{office}.yml"
            )
        elif listed.get(account, office) != office:
            owner = listed[account]
            found.append(
                f"{setting}: {account} untuk {office}, tetapi loci/{owner}.yml (accounts) juga memakainya / is for {office}, but "
                f"loci/{owner}.yml (accounts) has it too: tulis / write {owner}=… di / in {setting}"
            )
    return found


_SETTINGS = {"telegram": "LOKET_TELEGRAM_BOTS", "whatsapp": "LOKET_WHATSAPP_SENDERS"}
