"""Chat spelling made readable for the classifier and the service dictionary.

People write Indonesian, Tegal Javanese (ngapak and krama) and English in one message, shortened and with letters
repeated. Here one word gets one spelling, and a Javanese word its Indonesian one, so that what is learnt from one
language serves the others. Only words that carry the wish are listed; the rest passes through.
"""

from __future__ import annotations

import re
import unicodedata

# spelling read -> how it was written. Traps of Tegal Javanese: "pan" is "will" (not a pan), "aja" is "don't" in
# Javanese but "only" in Indonesian, so it is left alone.
_SPELLINGS = {
    "tidak": "gak ga gk g nggak ngga enggak engga kagak tdk tak ndak gag kga ora ra mboten boten mbotên pora laka",
    "saya": "sy aku gue gw gua nyong inyong kula kulo ku dakon",
    "kamu": "km kmu kowen koen rika sampeyan panjenengan",
    "yang": "yg sing ingkang kang",
    "mau": "mo mw pengen pingin pengin pan arep badhe bade ajeng",
    "buat": "bikin bkin bkn gawe nggawe gawekna nggawekna damel ndamel bikinin buatkan buatin membuat bikinkan",
    "urus": "ngurus ngurusi mengurus urusin",
    "bagaimana": "gimana gmn gmana gimn bgmn priben kepriben kepriwe kepribe piye pripun kados kepripun pribe",
    "berapa": "brp brapa pira pinten brpa",
    "di mana": "dimana dmn dimn",
    "mana": "endi ndi pundi",
    "di": "nang ning neng wonten ten teng",
    "apa": "apaan punapa napa opo",
    "siapa": "sapa sinten sopo",
    "kapan": "kpn kapan2",
    "sudah": "udah udh dah sdh wis uwis wes sampun pun sampung",
    "belum": "blm blom blum durung dereng belom",
    "bisa": "bs isa saged iso",
    "saja": "aj doang bae mawon kemawon wae",
    "lagi": "lg maning malih meneh",
    "dengan": "dgn karo kaliyan kalih kambi",
    "untuk": "utk nggo kanggo kangge buatnya ngge",
    "harus": "hrs kudu kedah mesti",
    "jadi": "jd jdi dadi dados dadine dadosipun jadinya jadine",
    "selesai": "rampung kelar beres rampunge",
    "lama": "suwe dangu suwene",
    "uang": "duit arta duwit",
    "bayar": "mbayar byr bayare mbayare mbayaripun",
    "datang": "teka dateng rawuh dtg",
    "rumah": "umah ngumah griya dalem rmh",
    "hilang": "ilang ical",
    "minta": "njaluk nyuwun mnt",
    "besok": "ngesuk benjing bsk bsok",
    "kemarin": "wingi kmrn kmren kmarin kala",
    "tadi": "td mau2 wau",
    "bawa": "nggawa mbekta bekta gawa bw",
    "tanya": "takon tangled nanya nanyain tny",
    "syarat": "syarate syaratipun sarat sarate persyaratan syaratnya",
    "biaya": "biayane biayanipun biayanya",
    "tolong": "tlg tulung tlong",
    "terima kasih": "makasih mksh makasi makasii trims suwun kesuwun tq thx thanks mksih trimakasih terimakasih tengkyu"
    " nuhun trimakasi",
    "ya": "iya iyo nggih inggih enggih yes yoi yup yep",
    "kalau": "kalo klo kl nek yen menawi manawi klau",
    "karena": "krn soale karna",
    "orang": "org wong tiyang",
    "anak": "anake anakku putra yoga",
    "pindah": "pindahan ngalih boyong",
    "meninggal": "mninggal seda sedane wafat ninggal",
    "lahir": "lair lairan lahiran kelahirane",
    "wajah": "rai raine muka mukaku pasuryan rupa",
    "foto": "poto photo",
    "antrian": "antrean antriane antre antri",
    "kantor": "kantore kntr kantoripun",
    "petugas": "petugase petugasipun ptgs",
    "alamat": "alamate almt",
    "praktik": "praktek prakteknya praktiknya",
    "izin": "ijin",
    "akta": "akte aktanya aktane akt aktenya",
    "kk": "kka",
    "data": "datane dataku datanya",
    "nomor": "nmr nomer no nomornya nomere",
    "juga": "jg jga",
    "sama": "sm",
    "sampai": "smp sampe smpe nyampe gutul tekan dugi ngantos",
    "dari": "dr saka saking kawit drpd",
    "ke": "maring marang dhateng",
    "ini": "kiye kiyeh iki niki nih",
    "itu": "kuwe kae niku tuh",
    "dulu": "disit rumiyin dhisit riyin dl",
    "tahu": "tau ngerti ngertos mudeng mangertos",
    "jangan": "jgn jngn sampunmalih emoh ogah",
    "bicara": "ngomong matur ngobrol bcr",
    "bahasa": "basa bhs boso",
    "sekarang": "skrg skrng saiki samenika skr",
    "kok": "ko",
    "lanjut": "lnjut terusna nerusna nglajengaken lajeng terusin lanjutin nerusin lanjutna teruskan lanjutkan",
    "batal": "batalin batalna mbatalaken cancel batalkan membatalkan dibatalkan dicancel dibatalin",
    "kirim": "krm ngirim kirimna kirimin ngirimi",
    "ambil": "jupuk njupuk mendhet ambl ngambil",
    "unduh": "download donlot donlod dwnload ngundhuh",
    "aduan": "pengaduan wadulan aduane",
    "lapor": "wadul ngadu mengadu laporan laporin",
    "mohon": "mhn dimohon",
    "bantu": "mbantu bantuin dibantu",
    "lihat": "liat ndeleng deleng mirsani lht",
}
_READ = {written: read for read, spellings in _SPELLINGS.items() for written in spellings.split()}

_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W_]+|[👍🙏😡😭❤]")
_DOUBLED = re.compile(r"^([^\W\d_]{2,})2$")


def words(text: str) -> list[str]:
    """The words of a text, lower case, in the one spelling; digit runs become ``0`` per digit, at most four.

    >>> words("Syarate gaweee KTP-el apa bae yaaa??")
    ['syarat', 'buat', 'ktp', 'el', 'apa', 'saja', 'ya']
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("'", "").replace("’", "")
    text = _REPEATED.sub(r"\1", text)
    found: list[str] = []
    for word in _WORDS.findall(text):
        word = _DOUBLED.sub(r"\1", word)
        word = _DIGITS.sub(lambda run: "0" * min(len(run.group()), 4), word)
        found.extend(_READ.get(word, word).split())
    return found


def normalise(text: str) -> str:
    """:func:`words` as one string."""
    return " ".join(words(text))
