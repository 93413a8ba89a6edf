"""The records of the demo: the backlog, the catalogue, the customers and the orders of a small shop.

Data only. A record is named by the end of its id (`tsk_demo_catalogue`); `days` says how old it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ADA, BEN = "usr_demo_ada", "usr_demo_ben"
USERS = ((ADA, "Ada Lindqvist", "ada@shop.example"), (BEN, "Ben Okafor", "ben@shop.example"))


@dataclass(frozen=True, slots=True)
class Seed:
    """One record: its entity, the end of its id, its age and its CREATE body."""

    entity: str
    name: str
    days: float
    body: Mapping[str, Any]


def _task(name: str, days: float, title: str, **body: object) -> Seed:
    return Seed("tasks", name, days, {"title": title, **body})


def _comment(name: str, days: float, task: str, author: str, text: str) -> Seed:
    return Seed("comments", name, days, {"taskId": f"tsk_demo_{task}", "authorId": author, "text": text})


def _product(name: str, days: float, sku: str, title: str, price: int, **body: object) -> Seed:
    return Seed("products", name, days, {"sku": sku, "name": title, "priceCents": price, **body})


def _customer(name: str, days: float, full_name: str, email: str, **body: object) -> Seed:
    return Seed("customers", name, days, {"name": full_name, "email": email, **body})


def _order(name: str, days: float, customer: str, product: str | None, total: int, **body: object) -> Seed:
    bought = {"productId": product and f"prd_demo_{product}"}
    parties = {"reference": f"2025-{name}", "customerId": f"cus_demo_{customer}", **bought}
    return Seed("orders", name, days, {**parties, "totalCents": total, **body})


ADAS: tuple[Seed, ...] = (
    _task("catalogue", 40, "Photograph the autumn catalogue", status="completed", priority="high", assigneeId=ADA),
    _task(
        "checkout",
        21,
        "Shorten the checkout to one page",
        description="Half of the baskets are left behind at the address form.",
        status="in_progress",
        priority="high",
        assigneeId=BEN,
    ),
    _task("returns", 12, "Print return labels", description="One label for each parcel.", assigneeId=ADA),
    _task("newsletter", 5, "Draft the November newsletter", priority="low"),
    _task("stocktake", 1, "Count the stock of headphones", description=None, status="todo", assigneeId=BEN),
    _comment("funnel", 20, "checkout", ADA, "The address form loses most people on phones."),
    _comment("mockup", 18, "checkout", BEN, "A first sketch is in the shared folder.\nPlease have a look."),
    _comment("paper", 11, "returns", ADA, "We are out of label paper; 500 sheets are on their way."),
    _product(
        "headphones",
        300,
        "WH-1000",
        "Wireless headphones",
        19900,
        description="Thirty hours of sound; folds into its case.",
        category="electronics",
        stock=25,
        weightKg=0.25,
        releasedOn="2024-09-01",
    ),
    _product("jacket", 120, "JK-220", "Rain jacket", 8950, category="clothing", stock=60, weightKg=0.4, currency="GBP"),
    _product("atlas", 90, "BK-007", "Atlas of harbours", 4200, category="books", stock=0, weightKg=1.85, active=False),
    _product("lamp", 30, "HM-310", "Reading lamp", 3490, category="home", stock=140, releasedOn="2025-03-15"),
    _customer(
        "grace",
        200,
        "Grace Hopper",
        "grace@customers.example",
        phone="+1 555 0100",
        company="Example Ltd",
        segment="vip",
        newsletter=True,
        creditLimitCents=500000,
        birthDate="1986-12-09",
    ),
    _customer("noor", 60, "Noor Haddad", "noor@customers.example", segment="wholesale", creditLimitCents=250000),
    _customer("jonas", 14, "Jonas Weiß", "jonas@customers.example", birthDate="1994-04-30"),
    _order(
        "0001",
        35,
        "grace",
        "headphones",
        39800,
        quantity=2,
        status="delivered",
        deliveryDate="2025-01-20",
        shippedAt="2025-01-16T08:00:00Z",
    ),
    _order("0002", 9, "noor", "lamp", 34900, quantity=10, status="paid", notes="Deliver to the back door."),
    _order("0003", 3, "grace", "jacket", 8950, currency="GBP", gift=True, notes="Wrap it, please: a birthday."),
    _order("0004", 0.5, "jonas", None, 2500, notes="Gift voucher"),
)
BENS: tuple[Seed, ...] = (
    _task("invoices", 8, "Send the invoices of October", priority="high", assigneeId=BEN),
    _comment("bank", 7, "invoices", BEN, "Waiting for the bank statement."),
    _product("mug", 50, "HM-101", "Enamel mug", 1250, category="home", stock=300),
    _customer("mira", 45, "Mira Petrović", "mira@customers.example", segment="retail"),
    _order("0101", 2, "mira", "mug", 2500, quantity=2, status="paid"),
)
