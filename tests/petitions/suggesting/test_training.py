"""Learning from texts by arithmetic; nothing here needs a database."""

from typing import Any

import pytest

from petitions.suggesting import evaluation
from petitions.suggesting.evaluation import evaluate
from petitions.suggesting.examples import Example
from petitions.suggesting.kept import CATEGORY
from petitions.suggesting.likeness import groups
from petitions.suggesting.model import BadModel, Model
from petitions.suggesting.text import terms_of
from petitions.suggesting.training import Corpus, NothingToLearn, train
from tests.petitions.suggesting.corpus import HEATING, LAMPS, examples

MESSAGE = (
    "我们村口的石桥去年夏天被大水冲坏了一半，到现在还没有人来修。孩子们每天上学都要从剩下的半边桥上走过去，"
    "下雨的时候桥面又湿又滑，上个月已经有两位老人摔进了河里。希望镇里尽快派人来看一看，早点把桥修好。"
)
CUT = (
    "村口 石桥 去年 夏天 大水 冲坏 一半 没有 人来 修 孩子 每天 上学 剩下 半边 桥上 走过去 "
    "下雨 桥面 又湿又滑 上个月 两位 老人 摔进 河里 希望 镇里 派人 看一看 早点 桥 修好"
)


def model(rows: list[Example] | None = None) -> Model:
    rows = rows or examples({CATEGORY: "lamps"}, {CATEGORY: "heating"})
    corpus = Corpus.of(terms_of(row.text) for row in rows)
    return train(corpus, {at: row.labels[CATEGORY] for at, row in enumerate(rows)})


def test_text_cut_into_words_has_the_terms_of_the_whole() -> None:
    assert terms_of("楼前 的 路灯\u3000坏了 3 个 月_x000D_") == terms_of("楼前的路灯坏了12个月。")


def test_training_tells_new_texts_apart_and_names_the_grounds() -> None:
    best, *_others = model().suggest(terms_of("家里的暖气还是凉的，请供热公司来看看"))

    assert (best.label, best.cases) == ("heating", len(HEATING))
    assert "暖气" in "".join(ground.term for ground in best.grounds)
    assert all(0 < ground.cases <= len(HEATING) for ground in best.grounds)


def test_training_again_gives_the_same_model() -> None:
    assert model().as_plain() == model().as_plain()


def test_unknown_text_suggests_nothing() -> None:
    assert model().suggest(terms_of("xyz")) == []


def test_labels_that_do_not_fit_are_passed_over() -> None:
    found = model().suggest(terms_of(HEATING[0]), fits=lambda label: label != "heating")

    assert "heating" not in [one.label for one in found]


def test_too_few_cases_teach_nothing() -> None:
    rows = examples({CATEGORY: "lamps"}, {CATEGORY: "heating"})

    with pytest.raises(NothingToLearn):
        model(rows[: len(LAMPS) + 2])


def test_model_comes_back_from_its_plain_form() -> None:
    back = Model.of_plain(model().as_plain())

    assert [one.label for one in back.suggest(terms_of(LAMPS[3]))][:1] == ["lamps"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": [1.0]},
        {"owners": [-1]},
        {"starts": []},
        {"labels": ["only one"]},
        {"terms": None},
        {"more": 1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_parts_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadModel):
        Model.of_plain({**model().as_plain(), **wrong})


# Asked only about what it was not trained on ----------------------------------------------------


def test_same_message_is_found_whole_or_cut_into_words() -> None:
    assert groups([HEATING[0], MESSAGE, LAMPS[0], CUT, MESSAGE + "请速办。"]) == [0, 1, 2, 1, 1]


def test_evaluation_never_trains_on_what_it_asks_about(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = examples({CATEGORY: "lamps"}, {CATEGORY: "heating"})
    copies = [Example(f" {one.text} ", one.labels) for one in asked]
    trained_on: list[set[int]] = []

    def watched(corpus: Corpus, labels: dict[int, str]) -> Model:
        trained_on.append(set(labels))
        return train(corpus, labels)

    monkeypatch.setattr(evaluation, "train", watched)
    found = evaluate(asked, copies, folds=4)

    assert found.rows == len(asked)
    assert found.same >= len(copies)
    for places in trained_on:
        kept_back = set(range(len(asked))) - places
        assert {one + len(asked) for one in kept_back}.isdisjoint(places)


def test_evaluation_counts_first_and_first_three() -> None:
    found = evaluate(examples({CATEGORY: "lamps"}, {CATEGORY: "heating"}), folds=4).as_json()

    assert (found["rows"], found["top1"], found["top3"]) == (24, 1.0, 1.0)
