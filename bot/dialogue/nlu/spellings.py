"""How people spell: tables for :mod:`bot.dialogue.nlu.normalise`. Reviewed by hand, one reading per spelling.

Read -> as written. A reading of several words is allowed, and so is a spelling of several (joined with ``_``). Traps of
Tegal Javanese: "pan" is "will" (not a pan); "aja" is "don't" in Javanese but "only" in Indonesian, "mana" is also "to
there", "no" is also English, "oleh" is also "by": these are left alone.
"""

from __future__ import annotations

from bot.dialogue.nlu.spellings_regional import ENGLISH, KRAMA, NGAPAK

_CHAT = {
    "tidak": "gak ga gk g nggak ngga enggak engga kagak kaga tdk tak ndak gag kga nda ndk tida tidk ngak",
    "saya": "sy aku gue gw gua ane sya q",
    "kami": "kmi",
    "kamu": "km kmu lu lo elu anda kalian u",
    "yang": "yg yng",
    "mau": "mo mw pengen pingin pengin ingin mauu mauk pgn pngn pengn hendak berniat",
    "buat": "bikin bkin bkn buatkan buatin membuat bikinkan bikinin dibuat dibuatkan dibikin pembuatan bwt bt ngebuat",
    "urus": "ngurus ngurusi mengurus urusin urusan ngurusin diurus uruskan pengurusan menguruskan",
    "bagaimana": "gimana gmn gmana gimn bgmn gmna gimanah bgaimana bagaimn bagaimanakah gmnaa",
    "berapa": "brp brapa brpa brp2 brapaan berapaan berp bera",
    "di mana": "dimana dmn dimn dmna dimanakah",
    "ke mana": "kemana kmn kmna",
    "dari mana": "darimana drmn",
    "apa": "apaan ap apakah apkh",
    "apa saja": "apaaja apasaja apaja",
    "siapa": "sp siapakah spa",
    "kapan": "kpn kpan kapankah",
    "kenapa": "knp knpa knapa mengapa ngp napa",
    "sudah": "udah udh dah sdh suda sudh uda udahh telah tlah",
    "belum": "blm blom blum belom belun blon",
    "bisa": "bs bsa bisakah",
    "boleh": "bleh blh bolehkah",
    "saja": "aj doang sj aja_deh",
    "lagi": "lg lgi lgi2",
    "dengan": "dgn dg dngn",
    "untuk": "utk u/ tuk untk",
    "harus": "hrs hrus haruskah wajib mesti wajibkah",
    "perlu": "prlu butuh dibutuhkan diperlukan perlukah memerlukan membutuhkan",
    "jadi": "jd jdi jadinya jadine jdnya menjadi",
    "selesai": "kelar beres slesai slsai slesei selese",
    "uang": "duit duwit uangnya doku",
    "bayar": "byr membayar dibayar bayarnya byar pembayaran",
    "datang": "dtg dateng datangi mendatangi dtng",
    "rumah": "rmh rumahku",
    "hilang": "ilang hlg raib kehilangan",
    "rusak": "rsk rusakk",
    "minta": "mnt mintak meminta",
    "besok": "bsk bsok besuk esok",
    "kemarin": "kmrn kmren kmarin kemaren kmr",
    "tadi": "td tdi",
    "nanti": "nti ntar ntr entar nnti nt",
    "bawa": "bw membawa dibawa bawain bwa",
    "tanya": "nanya nanyain tny bertanya tanyain menanyakan nnya tnya",
    "syarat": "sarat syaratnya persyaratan persyaratannya syrat sarat2 prsyaratan persaratan",
    "berkas": "brkas berkasnya dokumen dok dokumennya brks berkas2",
    "biaya": "biayanya bea biayai ongkos ongkosnya tarif tarifnya",
    "tolong": "tlg tlong tolongin tulung tlng plis pls please",
    "terima kasih": "terima_kasih makasih mksh makasi makasii trims tq thx thanks mksih trimakasih terimakasih tengkyu trimakasi"
    " thankyou tks tengs makacih mkasih makaseh tararengkyu",
    "ya": "iya iyo yes yoi yup yep iyah yah iye y yess",
    "terus": "trus trs truz teros trz toros trss",
    "kalau": "kalo klo kl klau kalu klu jika bila apabila",
    "karena": "krn karna krna lantaran sebab gara_gara",
    "orang": "org orng orang2",
    "orang tua": "ortu orangtua",
    "anak": "anakku anaknya ank",
    "pindah": "pindahan pndh",
    "meninggal": "mninggal wafat meninggl menggal tutup_usia berpulang",
    "lahir": "lahiran melahirkan brojol lahirnya dilahirkan",
    "wajah": "muka mukaku wajahku wajahnya",
    "foto": "poto photo foto2 pas_foto potoin foto2in",
    "antrian": "antrean antre antri antriannya mengantri ngantri ngantre mengantre",
    "kantor": "kntr kantornya kntor",
    "petugas": "ptgs petugasnya ptugas pegawai pegawainya",
    "alamat": "almt alamatnya",
    "praktik": "praktek prakteknya praktiknya berpraktik berpraktek",
    "izin": "ijin ijinnya izinnya perizinan perijinan",
    "akta": "akte aktanya akt aktenya",
    "data": "dataku datanya data2",
    "nomor": "nmr nomer nomornya nope nomorku nmer",
    "hp": "hape handphone henpon hpku hpnya ponsel hapeku",
    "wa": "whatsapp whatsap watsap wasap wats wa_saya",
    "juga": "jg jga",
    "sama": "sm sma ama",
    "sampai": "smp sampe smpe nyampe sampek smpai",
    "dari": "dr drpd dri",
    "ke": "k kpd kepada",
    "di": "d",
    "pada": "pd",
    "dan": "n & dn",
    "atau": "ato atw ataw atao",
    "ini": "nih ni inih",
    "itu": "tuh tu ituh",
    "dulu": "dl dlu dlo duluan dahulu",
    "tahu": "tau taw mengetahui",
    "jangan": "jgn jngn jgan",
    "bicara": "ngobrol bcr ngomong ngmg berbicara bicaraa omong",
    "bahasa": "bhs bahsa",
    "sekarang": "skrg skrng skr skrang skarang",
    "kok": "ko kog",
    "lanjut": "lnjut terusin lanjutin nerusin teruskan lanjutkan melanjutkan ngelanjutin dilanjutkan meneruskan lanjutt",
    "batal": "batalin batalkan membatalkan dibatalkan dicancel dibatalin cancel ngebatalin btl dibatalkannya cancelin",
    "kirim": "krm ngirim kirimin kirimkan mengirim dikirim kirimnya terkirim",
    "ambil": "ambl ngambil mengambil diambil ambilnya",
    "unduh": "download donlot donlod dwnload mengunduh diunduh didownload donload downlod donwload",
    "aduan": "pengaduan aduanku aduannya pengaduannya",
    "lapor": "ngadu mengadu laporin melapor melaporkan laporkan",
    "laporan": "laporanku laporannya lapran",
    "mohon": "mhn dimohon memohon mohonn",
    "bantu": "bantuin dibantu membantu bantuan bntu",
    "lihat": "liat melihat lht ngeliat liatin dilihat lihatkan",
    "daftar": "dftr mendaftar daftarin pendaftaran daftarkan mendaftarkan ndaftar didaftarkan dftar",
    "ajukan": "mengajukan pengajuan ajuin diajukan ngajuin ngajukan permohonan permohonannya pengajuannya pengajuanku",
    "perpanjang": "perpanjangan memperpanjang diperpanjang manjangin perpanjangin perpanjangannya prpanjang",
    "ganti": "gnti mengganti diganti gantiin menggantikan penggantian ngganti",
    "ubah": "mengubah merubah dirubah diubah rubah perubahan ngubah",
    "cetak": "nyetak dicetak mencetak cetakin ctk cetakan ngeprint print diprint",
    "status": "sttus statusnya status2",
    "proses": "prosesnya diproses prses prosess memproses prosesin",
    "tempat": "t4 tmpt tempatnya",
    "hari": "hr harian",
    "bulan": "bln",
    "tahun": "thn th taun",
    "minggu": "mggu mgg",
    "tanggal": "tgl",
    "jalan": "jln jl",
    "kecamatan": "kec",
    "kabupaten": "kab",
    "kelurahan": "kel",
    "desa": "ds",
    "rumah sakit": "rs rsud rsu",
    "surat": "srt suratnya surat2",
    "lama": "lma lamaa lamanya",
    "tapi": "tp tpi tetapi namun",
    "masih": "msh msih",
    "benar": "bnr bener bnar betul btul btl2 bener2",
    "sangat": "bgt banget bngt bgtt bgd",
    "memang": "emang emg mmg",
    "seperti": "kyk kayak kek sprti kyak",
    "begitu": "gitu gt gtu begtu",
    "begini": "gini gni",
    "setelah": "stlh stelah sesudah habis_itu abis_itu sehabis",
    "habis": "abis abisnya",
    "sebelum": "sblm sblum",
    "cuma": "cm cuman hanya cman",
    "semua": "smua smuanya semuanya smwa",
    "banyak": "bnyk byk bnyak",
    "cepat": "cepet cpt cpet",
    "ada": "ad adakah",
    "bukan": "bukn",
    "online": "onlen onlin daring",
    "bapak": "bpk pak bp pk",
    "ibu": "bu ibuk",
    "kakak": "kak ka kk_admin",
    "admin": "min mimin atmin adm admn",
    "tutup": "ttp nutup",
    "buka": "bukak bka bukanya",
    "jam": "jm pukul",
    "info": "infonya inpo informasi infoo informasinya",
    "cara": "caranya cra tata_cara",
    "kode": "kodenya code kod",
    "masuk": "msk masuknya",
    "salah": "slh keliru salahh",
    "sesuai": "ssuai",
    "verifikasi": "verif verifikasinya verifikasikan verifikasiin",
    "nama": "nm namanya namaku",
    "suami": "suamiku",
    "istri": "isteri bini istriku",
    "jemput bola": "jemputbola jebol jemput_bolanya",
    "nik": "niknya nikku",
}


def readings() -> dict[str, str]:
    """Every spelling (words joined with ``_``) -> how it is read."""
    found: dict[str, str] = {}
    for table in (_CHAT, NGAPAK, KRAMA, ENGLISH):
        for read, spellings in table.items():
            for written in spellings.split():
                found.setdefault(written, read)
    return found


KNOWN = frozenset(
    "akta gratis kelahiran kematian perkawinan perceraian kartu keluarga penduduk perawat bidan dokter apoteker alamat"
    " kehilangan kedatangan kantor kecewa kontak manusia pendaftaran pengantar permintaan persetujuan privasi profil"
    " rekam sekolah selfie simpan sistem sudah tersimpan tunggu unggah upload fotokopi legalisir keterangan kelengkapan"
    " lampiran layanan pelayanan loket mandiri menu nikah pengambilan perbaikan pribadi pulang puskesmas ramah rekaman"
    " robot sampul saran kritik sertifikat sekarang senin selasa rabu kamis jumat sabtu libur aktif batas darurat denda"
    " diwakilkan difoto formulir hapus keamanan kendala kirim koreksi lambat langkah lengkap lokasi mulai nakes online"
    " otomatis otp pakai parkir pelayan penerbitan pengaduan penting percepat pertanyaan pesan pilihan posisi puas"
    " sebutkan siap singkat sopan tanda tangan tanggapan telepon tersedia tidak ulang umur urutan usul usulan wajib"
    " kasar lemot antar jemput tunggu kapan batal berhenti notifikasi promo keluar masuk tolak ditolak".split()
)
"""Further words that endings are taken from and vowels given back to."""

NO_SKELETON = frozenset(
    "ktp ktpl skp str drg ttk skpwn sptjm stnk bpjs pbb skck kph npwp bpkb pkh blt pln pns rt rw jkn slf jht ptsl kks dtks"
    " sktm kkn bpn ppnpn spbu blk phk thr umk umr ptn pts smk smp nrp tkw wna wni tks bps".split()
)
"""Abbreviations that are words of their own."""

_MOODS = {
    "emosetuju": "👍👌✅✔",
    "emosalam": "🙏👋🤝",
    "emosedih": "😭😢😔😞🥺😩😫😥",
    "emomarah": "😡😠🤬👎💢😤",
    "emosenang": "😀😁😊🙂😄😃☺😍🥰😘❤💕🌹💐🎉👏💪",
    "emotawa": "😂🤣😆😅😜🤪😝",
    "emobingung": "🤔😕😵🤷🙄😬❓",
    "emorobot": "🤖",
}
EMOJI = {emoji: mood for mood, emojis in _MOODS.items() for emoji in emojis}
"""Emoji -> what it says."""
