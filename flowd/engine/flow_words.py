"""The words by which statements say what a transaction is, in several languages, without accents and in small letters.

A word stands for itself; `lohn*` for every word that begins so, `*gehalt` for every word that ends so; words with
spaces must follow one another. Kept to words that mean one thing: "Überweisung" or "převod" says only that money moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flowd.domain.flows import FlowClass

_SALARY: Final = """
    salary salaries payroll wage wages paycheck pay+slip direct+deposit dir+dep dirdep stipend pension annuity
    gehalt gehalts* *gehalt lohn lohn* bezuge besoldung rentenzahlung* altersrente rentenversicherung* pension*
    salaire salaires paie traitement+mensuel retraite
    salaris loon lonen uitkering pensioen*
    nomina nominas sueldo salario salarios pensao
    stipendio pensione
    mzda mzdy vyplata vyplaty duchod duchody plat
    wynagrodzenie wynagrodzenia pensja emerytura
    munkaber munkaberek berutalas nyugdij
    lon loner lonn lonnsutbetaling palkka
"""
_DIVIDEND: Final = """
    dividend dividends dividende dividenden dividendo dividendos dividendi dividendy *dividende dywidenda osztalek
    utdelning udbytte distribution
"""
_INTEREST: Final = """
    interest zins zinsen zinsgut* habenzins* guthabenzins* zinsertrag* interets interet rente renteopbrengst
    interes intereses interessi interessen urok uroky uroku odsetki kamat rantor ranta renter korko juros
"""
_RENT: Final = """
    rent rental+income miete mieten mieteinnahme* mietzahlung* kaltmiete warmmiete pacht loyer loyers alquiler
    alquileres affitto affitti huur huurinkomsten najem najemne najemny czynsz hyra husleje pachtzins*
"""
_REFUND: Final = """
    refund refunds refunded reimbursement reimbursed chargeback reversal reversed storno stornierung erstattung*
    *erstattung ruckzahlung ruckuberweisung rucklastschrift remboursement remboursements rembours terugbetaling
    terugboeking reembolso devolucion rimborso rimborsi vratka vraceni vraceno refundace zwrot visszaterites
    aterbetalning tilbagebetaling correction finanzamt belastingdienst hmrc financni+urad urzad+skarbowy tresor+public
"""
_REBATE: Final = """
    cashback cash+back cash+reward cash+rewards rebate bonus+credit rewards+credit bonusgutschrift
"""
_STAKING: Final = "staking stake+reward staking+reward validator+reward restaking earn+reward"
_PAYOUT: Final = """
    payout payouts stripe patreon paypal gumroad substack shopify adyen mollie etsy airbnb twitch upwork fiverr adsense
    github+sponsors ko+fi buymeacoffee kofi google+ads+payment sumup lemonsqueezy paddle auszahlung auszahlungen
    uitbetaling versement+stripe royalties royalty tantieme tantiemen honorar honorare honoraires honorarios
"""
_OWN: Final = """
    own+account own+accounts own+transfer internal+transfer inter+account transfer+between between+accounts
    transfer+to+savings transfer+from+savings to+savings from+savings savings+transfer savings+pot pot+transfer
    transfer+to+pot transfer+from+pot uk+retail+pot round+up
    umbuchung umbuchungen ubertrag eigenubertrag eigenes+konto eigenen+konto kontoubertrag
    virement+interne virement+compte+a+compte compte+a+compte
    eigen+rekening eigen+rekeningen spaarrekening spaaropdracht oranje+spaarrekening
    traspaso traspaso+entre+cuentas giroconto
    vlastni+ucet vlastniho+uctu vlastni+prevod mezi+vlastnimi+ucty prevod+mezi+vlastnimi
    przelew+wlasny rachunek+wlasny konto+wlasne przelew+wewnetrzny
    sajat+szamla sajat+szamlak
    eget+konto egen+konto egen+overforing overforing+eget
    topup top+up credit+card+payment cc+payment payment+from+checking payment+thank+you
    payment+received+thank+you card+repayment kreditkartenabrechnung kreditkartenausgleich
"""
_CASH_IN: Final = """
    cash+deposit deposit einzahlung bareinzahlung barzahlung+einzahlung vklad hotovostni+vklad vklad+hotovosti
    wplata+gotowki wplatomat storting geldstorting versement+especes depot+especes remise+especes
    ingreso+efectivo ingreso+en+efectivo versamento+contanti keszpenz+befizetes penztari+befizetes kontantinsattning
"""
_CASH_OUT: Final = """
    atm cash+withdrawal cashpoint cash+machine withdrawal geldautomat* ga+auszahlung bargeld* barabhebung abhebung
    bancomat bankomat* vyber vyber+hotovosti vyber+z+bankomatu wyplata+gotowki wyplata+z+bankomatu wyplata
    geldopname geldautomaat opname retrait retrait+dab retrait+especes cajero retirada+efectivo prelievo
    keszpenzfelvet* kontantuttag uttag haevning
"""
_FEE: Final = """
    fee fees commission commissions service+charge bank+charge bank+charges maintenance+charge overdraft
    gebuhr* *gebuhr *gebuhren entgelt* *entgelt kontofuhrung* provision sollzins* uberziehungszins*
    frais commission+intervention cotisation+carte kosten+betaalpakket bankkosten servicekosten
    comision comisiones commissione commissioni canone+mensile spese+tenuta
    poplatek poplatky poplatku provize sankcni sankc sluzby
    oplata oplaty prowizja dij dijak jutalek avgift avgifter gebyr gebyrer
"""
_LOAN: Final = """
    loan loans mortgage kredit kreditrate ratenkredit kreditauszahlung* darlehen* *darlehen hypothek* baufinanzierung
    pret+immobilier echeance+pret remboursement+pret hypotheek* lening leningen prestamo prestamos hipoteca mutuo mutui
    uver uveru uvery splatka+uveru hypoteka hypoteky pujcka pozyczka pozyczki kredyt kredytu hitel hitelek bolan
"""

#: Which words are looked for in money that came in, the most telling first.
INCOMING: Final[Sequence[tuple[FlowClass, str]]] = (
    (FlowClass.TRANSFER, _OWN),
    (FlowClass.REFUND, _REFUND),
    (FlowClass.INTEREST, _INTEREST),
    (FlowClass.LOAN, _LOAN),
    (FlowClass.REBATE, _REBATE),
    (FlowClass.SALARY, _SALARY),
    (FlowClass.STAKING, _STAKING),
    (FlowClass.DIVIDEND, _DIVIDEND),
    (FlowClass.RENT, _RENT),
    (FlowClass.PAYOUT, _PAYOUT),
    (FlowClass.DEPOSIT, _CASH_IN),
)
#: The same for money that went out. A fee on a loan or for cash is a fee.
OUTGOING: Final[Sequence[tuple[FlowClass, str]]] = (
    (FlowClass.FEE, _FEE),
    (FlowClass.TRANSFER, _OWN),
    (FlowClass.LOAN, _LOAN),
    (FlowClass.WITHDRAWAL, _CASH_OUT),
)
#: Money that went out counts as income taken back only where it is both called so and names the income.
TAKEN_BACK: Final = _REFUND
INCOME_WORDS: Final[Mapping[FlowClass, str]] = {
    FlowClass.SALARY: _SALARY,
    FlowClass.STAKING: _STAKING,
    FlowClass.DIVIDEND: _DIVIDEND,
    FlowClass.INTEREST: _INTEREST,
    FlowClass.RENT: _RENT,
    FlowClass.REBATE: _REBATE,
    FlowClass.PAYOUT: _PAYOUT,
}
