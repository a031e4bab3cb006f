"""Languages a cadre may speak beside standard Chinese, for petitioners who need one of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """Codes of ISO 639-3, sign language by the Chinese one's."""

    # Translators: 手语
    SIGN = "csl", _("sign language")
    # Translators: 粤语
    CANTONESE = "yue", _("Cantonese")
    # Translators: 闽南语
    MIN_NAN = "nan", _("Southern Min")
    # Translators: 吴语
    WU = "wuu", _("Wu")
    # Translators: 蒙古语
    MONGOLIAN = "mvf", _("Mongolian")
    # Translators: 藏语
    TIBETAN = "bod", _("Tibetan")
    # Translators: 维吾尔语
    UYGHUR = "uig", _("Uyghur")
    # Translators: 朝鲜语
    KOREAN = "kor", _("Korean")
    # Translators: 英语
    ENGLISH = "eng", _("English (spoken)")
