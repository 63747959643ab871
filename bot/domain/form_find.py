"""Finding the field that a person means by "nama ibu", "no 12" or "tgl lahir anak"."""

from __future__ import annotations

from bot.domain.fields.clean import near, words_of
from bot.domain.form_sheet import Item, Sheet

_SAME = {
    "tgl": "tanggal", "tanggal": "tanggal", "date": "tanggal", "tempat": "tempat", "hp": "telepon", "wa": "telepon",
    "telp": "telepon", "phone": "telepon", "bapak": "ayah",
    "bapake": "ayah", "rama": "ayah", "father": "ayah", "mother": "ibu", "mama": "ibu", "emak": "ibu",
    "biyung": "ibu", "bayi": "anak", "child": "anak", "baby": "anak",
    "name": "nama", "jeneng": "nama", "namanya": "nama", "jenenge": "nama", "asma": "nama", "witness": "saksi",
    "berat": "berat", "bobot": "berat", "weight": "berat",
    "panjang": "panjang", "jam": "pukul", "waktu": "pukul", "time": "pukul", "kelamin": "kelamin", "sex": "kelamin",
    "gender": "kelamin", "pertama": "1",
    "kesatu": "1", "kedua": "2", "foto": "dokumen", "lahire": "lahir", "born": "lahir", "birth": "lahir",
    "surat": "surat",
}  # fmt: skip


def find_items(sheet: Sheet, target: str, language: str) -> list[Item]:
    """The answered fields that ``target`` can mean: exactly one when it is clear, several to choose from, or none.

    A number is the number in the review.
    """
    words = [_SAME.get(w, w) for w in words_of(target)]
    items = sheet.reviewed
    if len(words) == 1 and words[0].isdecimal():
        number = int(words[0])
        return [items[number - 1]] if 1 <= number <= len(items) else []
    if not words:
        return []
    found = [i for i in items if all(_names(w, _item_words(i, language)) for w in words)]
    named = [i for i in found if set(words) <= _label_words(i, language)]
    # "nama ibu" is the field labelled so, not "nama" somewhere in the mother's section.
    exact = [i for i in named if set(words) == _label_words(i, language)]
    return exact or (found if len(found) == 1 else named or found)


def _names(word: str, words: set[str]) -> bool:
    return word in words or (len(word) >= 4 and any(len(w) >= 4 and near(word, w) for w in words))


def _label_words(item: Item, language: str) -> set[str]:
    spoken = {language, "id"}
    return {_SAME.get(w, w) for tongue in spoken for w in words_of(item.words(item.field.label, tongue))}


def _item_words(item: Item, language: str) -> set[str]:
    words = _label_words(item, language) | set(words_of(item.path.replace("_", " ")))
    for tongue in (language, "id"):
        words |= set(words_of(item.words(item.section.title, tongue)))
    if item.index is not None:
        words.add(str(item.index + 1))
    return {_SAME.get(w, w) for w in words}
