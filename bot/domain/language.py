"""Which of Loket's languages a person is writing in: Indonesian, Javanese (ngapak or krama), or English.

Chats mix all three, and the words of the matter itself (KTP, akta, SIP) belong to none. So only words that carry the
sentence are counted: pronouns, question words, particles. Sources of the Javanese list: research notes on Tegal speech
(radartegal.disway.id …714495), Javanese wiktionary's basic vocabulary.
"""

from __future__ import annotations

import re

_JAVANESE = frozenset(
    """
    nyong inyong enyong kula kulo dalem koen kowen kowe rika sampeyan panjenengan njenengan awake dewek dewekan
    kiye kiyeh kuwe kae niki niku menika punika iki iku kiyi
    priben kepriben kepriwe kepribe pribe piye kepiye pripun kados kadospundi pripunipun apane kenangapa ngapa
    endi ngendi nangendi pundi sapa sinten pira pinten pirang kapan-kapan
    pan arep badhe bade ajeng pengin kepengin pingin
    ora ra mboten boten mbotên laka durung dereng aja ampun sampun wis uwis pun maning malih disit dhisit rumiyin
    bae mawon kemawon thok tok
    maring marang dateng teng wonten nang ning saking sing ingkang
    saged kudu kedah kenging njaluk nyuwun nggawa mbekta bekta gawe nggawe damel ndamel
    ngesuk ngesuke benjing wingi wau mau-bengi saiki sakniki samenika
    nggih inggih njih ngge nggo kangge kanggo karo kalih kaliyan
    matur nuwun suwun kesuwun sugeng enjing siyang sonten ndalu
    omah griya umah bocah lare putu wong tiyang anake bapane mboke biyunge
    ngerti ngertos mudeng ngomong matur takon tangled tulung tulungi jal teka rawuh lunga kesah
    ilang ical rampung dadine suwene bayare mbayare syarate
    """.split()
)
_ENGLISH = frozenset(
    """
    the a an i my me we our you your he she his her it its they this that these those there
    is are am was were be been do does did can could will would should may must have has had
    what which who when where why how much many long
    to of for in on at from with without about by and or but if because so not no yes
    need want get make take bring apply register ask tell help know go come open close please thanks thank hello hi hey
    need want lost new old first any some still already just here now today tomorrow morning
    """.split()
)
_INDONESIAN = frozenset(
    """
    saya aku gue gw gua kami kita anda kamu lu lo dia mereka
    ini itu yang yg dan atau tapi kalau kalo klo karena krn supaya untuk utk buat dengan dgn dari dr ke di pada
    apa apakah siapa kapan dimana mana bagaimana gimana gmn kenapa mengapa berapa brp
    mau ingin pengen pengin harus perlu butuh bisa bs boleh sudah sdh udah udh belum blm blom akan sedang lagi lg
    tidak tdk gak ga nggak ngga enggak bukan jangan tanpa ada nya saja aja juga jg hanya cuma
    dong sih deh kok nih tuh kan ya yah kak min pak bu mbak mas bang
    bikin urus ngurus ajukan daftar minta tolong mohon kasih tahu tau tanya
    kemarin kmrn besok bsk sekarang skrg nanti tadi hari jam
    anak ibu bapak suami istri orang rumah terima kasih makasih selamat pagi siang sore malam
    bagus oke baik cepat lama baru hilang rusak pindah
    """.split()
)
_SHARED = _JAVANESE & (_ENGLISH | _INDONESIAN)
_MARKS = {
    "jv": _JAVANESE - _SHARED,
    "en": _ENGLISH - _INDONESIAN - {"a", "an", "no", "long", "so", "me", "by", "in", "do"},
    "id": _INDONESIAN - _JAVANESE,
}
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENOUGH = 2
"""Words of a language before it is believed."""
_SHARE = 0.6
"""Part of all counted words that must be of the language."""


def language_of(text: str) -> str | None:
    """``id``, ``jv`` or ``en`` when the text is clearly in it; None when it is short, mixed, or only a name.

    >>> language_of("pan gawe kk anyar kudu nggawa apa bae")
    'jv'
    >>> language_of("how much is a new family card?")
    'en'
    >>> language_of("KTP") is None
    True
    """
    words = [word.lower() for word in _LETTERS.findall(text)]
    counts = {language: sum(word in marks for word in words) for language, marks in _MARKS.items()}
    best = max(counts, key=lambda language: counts[language])
    total = sum(counts.values())
    if counts[best] < _ENOUGH or counts[best] < _SHARE * total:
        return None
    return best
