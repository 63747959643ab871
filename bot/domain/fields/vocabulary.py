"""Small words of Indonesian, Tegal Javanese and English that tell an answer from a remark. Lists, no rules."""

from __future__ import annotations

YES = frozenset(
    "ya iya y yes ok oke okay okey sip siap betul benar bener nggih inggih njih leres sudah udah wis sampun setuju "
    "boleh inggeh injih iye iyes hooh heeh iyo yoi yup yap yep bersedia sesuai cocok correct right agree sure "
    "lanjut".split()
)
AGREED = YES - frozenset("lanjut sudah udah wis sampun sesuai cocok betul benar bener leres correct right".split())
"""Words of YES that agree to something."""
NO = frozenset(
    "tidak tdk gak ga nggak ngga enggak engga kaga no ora mboten bukan salah belum durung emoh jangan nope not wrong "
    "sanes dudu tak keliru klentu gk g ndak nda ndk kagak dereng blm moh wegah".split()
)
ADDRESS = frozenset("pak bu mas mbak mba mbk kak min bang kang lur bos gan om tante admin sir".split())
"""Words for the person spoken to."""
FILLERS = ADDRESS | frozenset(
    "dong deh lah kok sih aja saja bae dulu disit semua semuanya kabeh sedoyo datanya sudah udah wis itu kuwe kiye "
    "ini saya aku nyong kulo mau setuju sekali banget it is all that i s do".split()
)
GREETINGS = frozenset(
    "halo hallo haloo hai hi p permisi assalamualaikum makasih terimakasih thanks suwun matur nuwun bantuan help tes "
    "test apa terima kasih selamat pagi siang sore malam".split()
)
SMALL_TALK = YES | NO | FILLERS | GREETINGS

SENTENCE = frozenset(
    "yang yg sing saya sy gw gue aku nyong inyong kulo dong deh kok nih tuh udah sudah udh sdh belum blm durung wis mau "
    "pengen pengin ingin bisa tolong tlg minta kalau kalo klo untuk utk dengan dgn karo lagi lg maning bae aja saja "
    "tidak tdk ga gak nggak ngga ora mboten bukan bkn jangan jgn atau kenapa knp kirim ganti ini itu kiye kuwe kami "
    "kita anda sampeyan panjenengan kapan gimana gmn dimana dmn harus kudu hrs please want need the for with not have "
    "wkwk wkwkwk banget sekali jadi sampai terus trus karena krn supaya biar biaya syarat bayar berhenti formulir".split()
)
"""One of these and a text is a sentence, neither a name nor a place."""

QUESTION_STARTS = frozenset(
    "apa apakah berapa brp siapa kapan dimana kemana darimana mana bagaimana gimana gmn kenapa knp mengapa syarat "
    "syaratnya persyaratan biaya biayanya bayar pira priben kepriben pripun pinten endi nangendi ngendi kapane sapa "
    "kenangapa what how when where who why which are could does".split()
)
QUESTION_INSIDE = frozenset(
    "berapa brp gimana gmn bagaimana kenapa mengapa priben kepriben pripun pinten apakah syaratnya biayanya".split()
)
