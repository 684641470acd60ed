"""The comparison of the three books, which the chaos tests end with, finds what is wrong in any of them."""

from __future__ import annotations

from copy import deepcopy

from chaos.reckoning import Books, Expected, Reckoning, reckon

ONE = Expected("order-1", "acme", "juno@applicant.example", 1, {"Python": 81, "Communication": 64})
OTHER = Expected("order-2", "acme", "kim@applicant.example", 2, {"Python": 10, "Communication": 20})


def test_books_that_agree_are_clean() -> None:
    assert _reckon(_books()).is_clean


def test_an_order_without_a_result_is_lost() -> None:
    books = _books()
    books.orders["order-1"]["status"] = "PENDING"
    del books.ours["acme", "order-2"]
    assert len(_reckon(books).lost) == 2


def test_a_result_that_is_noted_and_not_shown_is_lost() -> None:
    books = _books()
    books.ours["acme", "order-1"]["published"]["status"] = "started"
    assert len(_reckon(books).lost) == 1


def test_a_second_mail_and_a_second_candidature_are_doubled() -> None:
    books = _books()
    books.mails.append({**books.mails[0], "to": "JUNO@applicant.example"})
    books.candidatures.append(deepcopy(books.candidatures[1]))
    assert len(_reckon(books).doubled) == 2


def test_another_candidates_result_is_foreign() -> None:
    books = _books()
    books.orders["order-1"]["result"] = books.orders["order-2"]["result"]
    assert len(_reckon(books).foreign) == 1


def test_a_link_to_another_candidate_is_foreign() -> None:
    books = _books()
    books.orders["order-1"]["result"]["attachments"] = books.orders["order-2"]["result"]["attachments"]
    assert len(_reckon(books).foreign) == 1


def test_an_order_under_another_company_is_foreign_there_and_lost_here() -> None:
    books = _books()
    books.ours["other", "order-1"] = books.ours.pop(("acme", "order-1"))
    found = _reckon(books)
    assert (len(found.foreign), len(found.lost)) == (1, 1)


def test_a_status_that_went_backwards_is_regressed() -> None:
    books = _books()
    books.orders["order-2"]["regressions"] = 1
    found = _reckon(books)
    assert len(found.regressed) == 1 and not found.is_clean
    assert str(found).startswith("2 orders: lost 0, doubled 0, foreign 0, regressed 1")


def _reckon(books: Books) -> Reckoning:
    return reckon([ONE, OTHER], books)


def _books() -> Books:
    """Three books in which both orders are completed."""
    ours, orders, mails, candidatures = {}, {}, [], []
    for one in (ONE, OTHER):
        link = f"https://testgorilla.example/?candidature={one.candidature}"
        result = {"score": {"raw": one.overall}, "attachments": [{"type": "OTHER_URL", "url": link}],
                  "assessmentResults": [{"name": name, "score": {"raw": raw}} for name, raw in one.scores.items()]}
        ours[one.company, one.order] = {"published": {"status": "completed"}}
        orders[one.order] = {"status": "COMPLETED", "result": result, "regressions": 0, "changes": []}
        mails.append({"account": "gorilla", "assessment": 1, "to": one.email})
        candidatures.append({"account": "gorilla", "assessment": 1, "email": one.email})
    return Books(ours, orders, mails, candidatures)
