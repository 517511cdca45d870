"""What holds of all books, whatever was traded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.api import AccountKind, FlowClass
from flowd.domain.positions import Basis, Lot, Mark, MoveFact, Position, PositionDay, Realised, SplitFact, TradeFact
from flowd.domain.shares import EXACT
from tests.ledgers import Facts, of, told

BEGIN = datetime(2025, 1, 20, tzinfo=UTC)
TODAY = date(2025, 7, 1)
Rates = dict[tuple[str, str], dict[date | None, Decimal]]
ASSETS = ["X", "Y", "BNB"]

amounts = st.decimals(min_value="0.0001", max_value="10000", places=4)
rates = st.decimals(min_value="0.01", max_value="50", places=3)
hours = st.integers(0, 24 * 120)


@st.composite
def trades(draw: st.DrawFn, assets: Sequence[str] = ("X",), quotes: Sequence[str] = ("USD",)) -> TradeFact:
    at = BEGIN + timedelta(hours=draw(hours))
    base = draw(st.sampled_from(assets))
    quote = draw(st.sampled_from([one for one in quotes if one != base]))
    quantity, price = draw(amounts), draw(amounts)
    fee = draw(st.sampled_from([Decimal(0), Decimal("0.001")])) * (quantity if draw(st.booleans()) else 1)
    return TradeFact(
        at, at.date(), "exchange", "spot", str(draw(st.integers(0, 10**9))), base, quote,
        draw(st.sampled_from(["buy", "sell"])), quantity, price, fee, draw(st.sampled_from([base, quote, "EUR"])),
    )  # fmt: skip


@st.composite
def moves(draw: st.DrawFn) -> MoveFact:
    at = BEGIN + timedelta(hours=draw(hours))
    kind = draw(
        st.sampled_from([FlowClass.STAKING, FlowClass.DEPOSIT, FlowClass.WITHDRAWAL, FlowClass.EXPENSE, FlowClass.FEE])
    )
    amount = draw(amounts) * draw(st.sampled_from([1, -1]))
    return MoveFact(
        at, at.date(), "exchange", "spot", str(draw(st.integers(0, 10**9))), draw(st.sampled_from(ASSETS)), amount, kind
    )


@st.composite
def splits(draw: st.DrawFn) -> SplitFact:
    day = (BEGIN + timedelta(days=draw(st.integers(0, 120)))).date()
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    many = Decimal(draw(st.sampled_from(["2", "3", "0.5"])))
    return SplitFact(
        at, day, "", "", "s", draw(st.sampled_from(ASSETS)), many, Decimal(draw(st.sampled_from(["1", "7"])))
    )


@st.composite
def known_rates(draw: st.DrawFn) -> Rates:
    """USD and the assets in EUR; the assets in USD so that both ways come to the same."""
    found: Rates = {}
    by_month = {
        draw(st.sampled_from([None, *(BEGIN.date() + timedelta(days=n) for n in range(120))])): draw(rates)
        for _ in range(4)
    }
    found["USD", "EUR"] = {None: draw(rates), **by_month}
    for asset in ASSETS:
        found[asset, "EUR"] = {None: draw(rates)}
        found[asset, "USD"] = {None: draw(rates)}
    return found


def name(one: TradeFact | MoveFact) -> str:
    """Sources tell trades apart by their names, and so do books."""
    return one.id


def inside(one: TradeFact) -> TradeFact:
    """The same with its fee in what it was traded for: what comes and leaves is what is said."""
    return one._replace(fee_asset=one.quote)


@settings(max_examples=40, deadline=None)
@given(st.lists(trades(), min_size=1, max_size=25, unique_by=name), known_rates())
def test_gains_are_what_was_worth_more_than_what_was_put_in(done: list[TradeFact], said: Rates) -> None:
    """In both currencies, by both methods, also where units are owed."""
    done = [inside(one) for one in done]
    facts = Facts(all_trades=done, rates=said, today=TODAY, kinds={"spot": AccountKind.WALLET_MARGIN})
    rows = facts.rows()
    with localcontext(EXACT):
        paid = Decimal(0)
        for one in done:
            paid += one.quantity * one.price * (1 if one.side == "buy" else -1) + one.fee
        for method in Basis:
            (held,) = of(rows, Position, method)
            assert held.quantity == sum(one.quantity if one.side == "buy" else -one.quantity for one in done)
            gained = [row.gain for row in of(rows, Realised, method) if row.gain is not None]
            assert held.value is not None
            assert held.unrealised is not None
            assert sum(gained, Decimal(0)) == held.realised
            assert abs(sum(gained, Decimal(0)) + held.unrealised - (held.value - paid)) < Decimal("1e-9")


@settings(max_examples=40, deadline=None)
@given(st.lists(trades(), min_size=1, max_size=25, unique_by=name), known_rates())
def test_parts_add_up_to_the_last_digit(done: list[TradeFact], said: Rates) -> None:
    rows = Facts(all_trades=done, rates=said, today=TODAY).rows()
    with localcontext(EXACT):
        for row in of(rows, Realised, None):
            if row.gain is None or row.gain_base is None:
                continue
            assert row.proceeds is not None
            assert row.fee is not None
            assert row.cost is not None
            assert row.price is not None
            assert row.fx is not None
            assert row.gain == row.proceeds - row.fee - row.cost
            assert row.gain_base == row.price + row.fx
        for held in of(rows, Position, None):
            assert held.unrealised_base is not None
            assert held.unrealised_price is not None
            assert held.unrealised_fx is not None
            assert held.unrealised_base == held.unrealised_price + held.unrealised_fx
            assert held.realised_base is not None
            assert held.realised_price is not None
            assert held.realised_fx is not None
            assert held.realised_base == held.realised_price + held.realised_fx


@settings(max_examples=40, deadline=None)
@given(st.lists(trades(), min_size=1, max_size=20, unique_by=name), known_rates())
def test_both_methods_agree_once_everything_is_sold(done: list[TradeFact], said: Rates) -> None:
    bought = [inside(one)._replace(side="buy") for one in done]
    units = sum((one.quantity for one in bought), Decimal(0))
    last = BEGIN + timedelta(days=125)
    sale = TradeFact(
        last, last.date(), "exchange", "spot", "last", "X", "USD", "sell", units, Decimal(7), Decimal(0), "USD"
    )
    rows = Facts(all_trades=[*bought, sale], rates=said, today=TODAY).rows()
    one, other = (of(rows, Position, method)[0] for method in Basis)
    assert told(one, "quantity", "cost", "cost_base") == (0, 0, 0)
    assert one.realised == other.realised
    assert one.realised_base == other.realised_base


@settings(max_examples=40, deadline=None)
@given(
    st.lists(trades(ASSETS, ("USD", "X", "EUR")), max_size=20, unique_by=name),
    st.lists(moves(), max_size=10, unique_by=name),
    known_rates(),
    st.randoms(),
)
def test_the_order_in_which_facts_are_told_does_not_matter(
    done: list[TradeFact], moved: list[MoveFact], said: Rates, random: object
) -> None:
    facts = Facts(all_trades=done, all_moves=moved, rates=said, today=TODAY)
    rows = facts.rows()
    shuffled = [*done], [*moved]
    for one in shuffled:
        random.shuffle(one)  # type: ignore[attr-defined]
    facts.all_trades, facts.all_moves = shuffled
    assert facts.rows() == rows


@settings(max_examples=40, deadline=None)
@given(
    st.lists(trades(ASSETS, ("USD", "X", "EUR")), max_size=20, unique_by=name),
    st.lists(moves(), max_size=10, unique_by=name),
    st.lists(splits(), max_size=3),
    known_rates(),
    st.data(),
)
def test_books_kept_on_from_any_mark_are_the_same(
    done: list[TradeFact], moved: list[MoveFact], shared: list[SplitFact], said: Rates, data: st.DataObject
) -> None:
    facts = Facts(all_trades=done, all_moves=moved, all_splits=shared, rates=said, today=TODAY)
    whole = facts.rows()
    for position in of(whole, Position, None, "X"):
        day = max((row for row in of(whole, PositionDay, position.method)), key=lambda row: row.day)
        assert told(day, "quantity", "cost") == (position.quantity, position.cost)
    marks = of(whole, Mark, None)
    if not marks:
        return
    mark = data.draw(st.sampled_from(marks))
    rest = [row for row in facts.rows(mark) if not isinstance(row, Mark)]
    assert rest == [
        row
        for row in whole
        if not isinstance(row, Mark) and (not isinstance(row, PositionDay | Realised) or row.day > mark.day)
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(trades(ASSETS, ("USD", "X", "EUR")), max_size=20, unique_by=name),
    st.lists(moves(), max_size=10, unique_by=name),
    known_rates(),
)
def test_no_unit_appears_or_is_lost(done: list[TradeFact], moved: list[MoveFact], said: Rates) -> None:
    rows = Facts(all_trades=done, all_moves=moved, rates=said, today=TODAY).rows()
    units = dict.fromkeys(ASSETS, Decimal(0))
    with localcontext(EXACT):
        for one in done:
            sign = 1 if one.side == "buy" else -1
            units[one.base] += sign * one.quantity
            if one.quote in units:
                units[one.quote] -= sign * (one.quantity * one.price).quantize(Decimal("1e-12"))
            if one.fee_asset in units:
                units[one.fee_asset] -= one.fee
        for fact in moved:
            units[fact.asset] += fact.amount
        for asset in ASSETS:
            for held in of(rows, Position, None, asset):
                assert held.quantity - held.unexplained == units[asset]
                assert held.quantity >= 0
                lots = [lot.quantity for lot in of(rows, Lot, None, asset)]
                assert sum(lots, Decimal(0)) == held.quantity


vast = st.sampled_from([Decimal("1e29"), Decimal("1e-29"), Decimal("9" * 30), Decimal(1), Decimal("0." + "3" * 30)])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(trades(ASSETS, ("USD", "X", "EUR")), min_size=1, max_size=12, unique_by=name),
    st.lists(splits(), max_size=6),
    st.lists(vast, min_size=24, max_size=24),
    vast,
)
def test_no_number_is_too_large_or_too_small(
    done: list[TradeFact], shared: list[SplitFact], numbers: list[Decimal], rate: Decimal
) -> None:
    """Whatever a source may state, books are kept: the others must not suffer from what one of them says."""
    stated = [one._replace(quantity=numbers[2 * place], price=numbers[2 * place + 1]) for place, one in enumerate(done)]
    many = [one._replace(numerator=Decimal("9" * 12)) for one in shared]
    said = {(base, quote): {None: rate} for base in [*ASSETS, "USD"] for quote in ("EUR", "USD") if base != quote}
    rows = Facts(all_trades=stated, all_splits=many, rates=said, today=TODAY).rows()
    assert of(rows, Position, None, "X") or of(rows, Position, None, "Y") or of(rows, Position, None, "BNB")
