"""First names of several countries, out of the package faker."""

import unicodedata

from engine.optional import load
from nn.data.text import Text, bare
from nn.nearest import pick

COUNTRIES = {
    "el": ("el_GR", "Greece"),
    "cz": ("cs_CZ", "Czechia"),
    "de": ("de_DE", "Germany"),
    "es": ("es_ES", "Spain"),
    "fi": ("fi_FI", "Finland"),
    "fr": ("fr_FR", "France"),
    "hu": ("hu_HU", "Hungary"),
    "it": ("it_IT", "Italy"),
    "nl": ("nl_NL", "the Netherlands"),
    "pl": ("pl_PL", "Poland"),
    "pt": ("pt_PT", "Portugal"),
    "ro": ("ro_RO", "Romania"),
    "ru": ("ru_RU", "Russia"),
    "uk": ("en_GB", "the United Kingdom"),
    "us": ("en_US", "the United States"),
}
"""What `first_names` takes: country -> faker's locale, and the country's name."""

CODES = {"gr": "el", "cs": "cz", "gb": "uk"}
"""Other usual codes: ISO 3166 has GR and GB, ISO 639 cs for the language."""

LISTS = {"all": "first_names", "female": "first_names_female", "male": "first_names_male"}


def first_names(country: str = "el", *, gender: str = "all", accents: bool = True) -> Text:
    """Return a country's first names in small letters, sorted, each once.

    `country` is a key of COUNTRIES, another usual code ("gr") or the English name ("Greece"); `gender`
    is "all", "female" or "male". Without `accents` letters lose what Unicode's canonical decomposition (NFD)
    sets above or below them: ά becomes α, ϊ becomes ι; ς stays ς.

    Errors: ValueError for a country or gender that is not there, with the nearest one; ModuleNotFoundError
    naming the extra `lab` without faker.

    >>> first_names("el", accents=False)
    Text('first_names_el': 804 words, 25 letters)
    """
    country = _code(country)
    locale, land = pick("country", country, COUNTRIES)
    field = pick("gender", gender, LISTS)
    provider = load(f"faker.providers.person.{locale}", extra="lab").Provider
    words = [unicodedata.normalize("NFC", word.strip().lower()) for word in getattr(provider, field)]
    if not accents:
        words = [bare(word) for word in words]
    kind = "" if gender == "all" else f"{gender} "
    return Text(
        words,
        name=f"first_names_{country}",
        description=f"{kind}first names of {land}{'' if accents else ', without accents'}",
        source=f"faker, {locale}",
    )


def _code(country: str) -> str:
    """Return the key of COUNTRIES that a code or an English name stands for, any other text as it is."""
    if not isinstance(country, str):
        return country
    asked = country.strip().lower()
    names = {land.removeprefix("the ").lower(): code for code, (_, land) in COUNTRIES.items()}
    found = CODES.get(asked) or names.get(asked.removeprefix("the "), asked)
    return found if found in COUNTRIES else country
