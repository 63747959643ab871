"""Drafts of the notices after a breach (UU 27/2022 ps 46): to the people concerned and to the authority, filled from the register.

Sentences with a gap keep it visible in brackets: an officer completes and sends them; nothing is sent by itself.
"""

from __future__ import annotations

from bot.domain.data_rights import Breach

_GAP = "[…]"


def to_people(entry: Breach, office: str, found: str, happened: str) -> str:
    """The letter to the people concerned; ``found`` and ``happened`` are dates as spoken."""
    body = _filled(entry)
    return (
        f"Pemberitahuan tentang data pribadi Anda\n\n"
        f"Kepada Bapak/Ibu,\n\n"
        f"{office} memberitahukan bahwa telah terjadi kegagalan pelindungan data pribadi yang mungkin menyangkut data Anda.\n\n"
        f"Apa yang terjadi: {body['what']}\n"
        f"Kapan dan bagaimana: {happened or _GAP}. {body['how']} Kami mengetahuinya pada {found}.\n"
        f"Data apa: {body['data']}\n"
        f"Yang sudah kami lakukan: {body['done']}\n\n"
        f"Yang sebaiknya Anda lakukan: waspadai pesan atau telepon yang mengaku dari dinas. Kami tidak pernah meminta PIN, kode OTP, "
        f"atau uang. Kalau ada yang janggal, hubungi kami lewat obrolan resmi.\n\n"
        f"Kami mohon maaf. Pertanyaan: petugas pelindungan data {office}.\n"
    )


def to_authority(entry: Breach, office: str, found: str, happened: str) -> str:
    """The report to the authority."""
    body = _filled(entry)
    people = str(entry.people) if entry.people is not None else _GAP
    return (
        f"Laporan kegagalan pelindungan data pribadi (UU 27/2022 pasal 46)\n\n"
        f"1. Pengendali data: {office}\n"
        f"2. Nomor register: {str(entry.id)[:8].upper()}\n"
        f"3. Diketahui pada: {found}\n"
        f"4. Terjadi pada: {happened or _GAP}\n"
        f"5. Uraian: {body['what']}\n"
        f"6. Data pribadi yang terungkap: {body['data']}\n"
        f"7. Bagaimana terungkap: {body['how']}\n"
        f"8. Perkiraan jumlah subjek data: {people}\n"
        f"9. Upaya penanganan dan pemulihan: {body['done']}\n"
        f"10. Pemberitahuan kepada subjek data: {'sudah' if entry.people_told_at else 'disiapkan'}\n"
        f"11. Narahubung: petugas pelindungan data {office}, {_GAP}\n"
    )


def _filled(entry: Breach) -> dict[str, str]:
    return {part: entry.body.get(part) or _GAP for part in ("what", "data", "how", "done")}
