"""Whatever limits or takes back a licence in the same text is never lost, in nine languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcing_audit.licenses import Classifier, LicenseRules, classify
from sourcing_audit.licenses.use import Uses
from sourcing_audit.model import Grant, IntendedUse
from sourcing_audit.rules import RuleStore

RULES = LicenseRules.load(RuleStore())
CLASSIFIER = Classifier(RULES)
USES = Uses(RULES, IntendedUse())
NAMES = [
    "CC BY 4.0",
    "CC0",
    "MIT",
    "Apache License, Version 2.0",
    "Public Domain",
    "ODbL",
    "CC BY-SA 3.0 NO",
    "CC-BY-3.0-DE",
    "Creative Commons Attribution 4.0 International",
    "https://creativecommons.org/licenses/by/4.0/",
    "MIT OR Apache-2.0",
]
RESTRICTIONS = {
    "en": "non-commercial use only|not for commercial use|no AI training|noai|All rights reserved"
    "|No License|InC|proprietary|may not be used without permission|personal use only"
    "|does not apply to images|unless otherwise noted|void|fake|revoked|disallowed|do not train"
    "|opt-out|expired|until 2020|pirated|ask first|terms apply|members only|unfree|excluding photos"
    "|no LLM|unconfirmed|supposedly|don't use|can't be used|embargo until 2030|rights managed|$5",
    "de": "nicht kommerziell|nur für private Nutzung|alle Rechte vorbehalten|nicht für KI-Training"
    "|kein Training|keine Weitergabe|ausgenommen Bilder|widerrufen|abgelaufen|auf Anfrage"
    "|kostenpflichtig|unter Vorbehalt|gewerbliche Nutzung ausgeschlossen|nur für den Schulgebrauch",
    "fr": "usage non commercial|tous droits réservés|pas pour l'IA|sauf mention contraire"
    "|usage privé|sans autorisation interdit|révoqué|expiré|à l'exception des images|payant"
    "|sur demande|fouille de textes interdite|usage éditorial",
    "es": "uso no comercial|todos los derechos reservados|prohibido su uso para IA|excepto imágenes"
    "|sólo uso personal|sin fines de lucro|salvo indicación contraria|caducado|de pago|bajo pedido",
    "it": "uso non commerciale|tutti i diritti riservati|vietato per IA|eccetto immagini"
    "|salvo diversa indicazione|fini didattici|scaduto|su richiesta|esclusi i contenuti",
    "pt": "uso não comercial|todos os direitos reservados|não para treinamento de IA"
    "|exceto imagens|somente uso pessoal|expirado|sob consulta|mediante autorização",
    "nl": "niet-commercieel|alle rechten voorbehouden|geen AI-training|behalve afbeeldingen"
    "|tenzij anders vermeld|alleen persoonlijk gebruik|ingetrokken|op aanvraag|betaald",
    "pl": "użycie niekomercyjne|wszelkie prawa zastrzeżone|zakaz trenowania AI|z wyjątkiem zdjęć"
    "|tylko do użytku prywatnego|wygasła|na zapytanie|płatne|za zgodą autora",
    "ja": "非営利|無断転載禁止|全著作権所有|AI学習禁止|商用利用不可|個人利用のみ|許可が必要|利用禁止 AI 学習"
    "|画像を除く|期限切れ|要許諾|著作権所有",
    "zh": "版权所有|禁止商用|非商业用途|转载请注明出处|禁止用于AI训练|不得用于商业|仅供个人使用"
    "|保留所有权利|利用禁止 AI 學習|除图片外|翻印必究|付费|需授权",
}
ALL = [text for texts in RESTRICTIONS.values() for text in texts.split("|")]
SHAPES = [
    "{} {}",
    "{} ({})",
    "{}, {}",
    "{} - {}",
    "{}; {}",
    "{}. {}",
    "{} [{}]",
    "{}\n{}",
    "{}: {}",
    "{} / {}",
    "{}|{}",
    '{} <a title="{}">x</a>',
    "{} <b>{}</b>",
    "{} \U0001f449 {}",
    "{} @{}",
    "{}, photograph of the old mill by the river in winter, {}",
]


def granted(text):
    return USES.outcome(CLASSIFIER.resolve(text).tree).grant is Grant.GRANTED


@pytest.mark.parametrize("restriction", ALL)
def test_a_restriction_after_or_before_a_name(restriction):
    for name in NAMES:
        assert not granted(f"{name} {restriction}"), name
        assert not granted(f"{restriction} {name}"), name


@settings(deadline=None, max_examples=500)
@given(st.sampled_from(NAMES), st.sampled_from(ALL), st.sampled_from(SHAPES), st.booleans())
def test_a_restriction_in_any_place(name, restriction, shape, before):
    first, second = (restriction, name) if before else (name, restriction)
    assert not granted(shape.format(first, second))


@pytest.mark.parametrize(
    "value",
    [
        "CC BY-ND 3.0 NO No License",
        "CC BY 3.0 NO license",
        "CC BY 3.0 no rights",
        "CC BY 4.0 negotiable",
        "CC BY 4.0 minus the photos",
        "MIT OR Apache-2.0, not for commercial use",
        "All rights reserved or MIT",
        "Creative Commons Attribution / All rights reserved",
        "!MIT",
        "\xac CC BY 4.0",
        "C\u0336C\u0336 BY 4.0",
        "CC BY 4.0 \U0001f6d1",
        "CC BY 4.0 \xb9",
        "[ ] CC BY 4.0",
        "\u2610 MIT",
        "MIT (?)",
        "Creative Commons Attribution, Noncommerical",
        '{"license": "MIT", "commercial": false}',
        "CC BY 4.0 άδεια με περιορισμούς",  # no word of the script is known
        "山田太郎, CC BY 4.0",  # a name, which can't be told from a word
        "CC BY 4.0 Leihgabe",
        "CC BY 4.0 PER SEAT",
        "Public Domain 谢绝机器",
        "CC Sampling 1.0",  # permits parts of a work in new art, and no copies of the whole
        "https://creativecommons.org/licenses/sampling+/1.0/",
    ],
)
def test_what_else_grants_nothing(value):
    assert not granted(value)


@pytest.mark.parametrize(
    "value",
    [
        "CC BY 4.0 by Jane Doe",
        "CC BY 2.0 by jdoe",
        "Photo by Jane Doe, CC BY-SA 4.0, via Wikimedia Commons",
        "© Jane Doe / CC BY 2.0",
        "Das Werk steht unter der Lizenz CC BY 4.0",
        "撮影者, CC BY 4.0",
        "Иван Петров, CC BY-SA 4.0",
        "CC-BY-3.0-NO",
        "This file is in the public domain and comes with no warranty of any kind",
        "This dataset is released under the Open Database License",
    ],
)
def test_a_credit_or_a_sentence_limits_nothing(value):
    assert granted(value)


@pytest.mark.parametrize("length", [900, 1_000, 3_999])
def test_text_that_unfolding_makes_too_long_says_so(length):
    finding = CLASSIFIER.classify("CC BY 4.0 " + "\ufdfa" * length)
    assert finding.expression == "NOASSERTION"
    assert "license_text_not_read" in finding.reasons


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_no_sign_of_doubt_is_passed_over(text):
    assert classify._doubted(text) == (classify._DOUBT.search(text) is not None)
