"""Finding products, on the read side."""

import itertools
import random

import pytest

from catalog import bootstrap, handlers
from catalog.listing import pages
from catalog.listing.words import all_begin, words
from catalog.product.events import Product

PRODUCTS, PRODUCT, PRICE = (
    "/catalog/products",
    "/catalog/products/{product_id}",
    "/catalog/products/{product_id}/price",
)
AT = 1714521600000


@pytest.fixture
def shop(create, publish):
    create("red", 300, name="Red mug", category="home/mugs", description="Large and red", at=AT)
    create("blue", 100, name="Blue mug", category="home/mugs", description="Crème inside", at=AT + 1000)
    create("vase", 900, name="Éclair vase", category="home", description="Goes with any mug", at=AT + 2000)
    create("pen", 200, name="Pen", category="office", at=AT + 3000)
    create("misc", 500, name="Odds", at=AT + 4000)
    publish()


FOUND = [
    ({}, ["blue", "vase", "misc", "pen", "red"]),
    ({"sort": "price"}, ["blue", "pen", "red", "misc", "vase"]),
    ({"sort": "-price"}, ["vase", "misc", "red", "pen", "blue"]),
    ({"sort": "newest"}, ["misc", "pen", "vase", "blue", "red"]),
    ({"category": "home"}, ["blue", "vase", "red"]),
    ({"category": "home/mugs", "sort": "price"}, ["blue", "red"]),
    ({"category": "hom"}, []),
    ({"min_price": 200, "max_price": 500}, ["misc", "pen", "red"]),
    ({"min_price": 200, "max_price": 500, "sort": "-price"}, ["misc", "red", "pen"]),
    ({"min_price": 901}, []),
    ({"q": "mug"}, ["blue", "red", "vase"]),
    ({"q": "mu"}, ["blue", "red", "vase"]),
    ({"q": "MUG", "sort": "-price"}, ["vase", "red", "blue"]),
    ({"q": "creme"}, ["blue"]),
    ({"q": "eclair"}, ["vase"]),
    ({"q": "mug large"}, ["red"]),
    ({"q": "mug", "category": "home/mugs", "min_price": 200}, ["red"]),
    ({"q": "ug"}, []),
    ({"q": "!!"}, []),
    ({"q": " "}, ["blue", "vase", "misc", "pen", "red"]),
]


@pytest.mark.parametrize("few", [300, 0], ids=["few", "walk"])
def test_what_is_found_and_in_which_order(shop, find, find_all, monkeypatch, few):
    monkeypatch.setattr(pages, "FEW", few)
    for query, found in FOUND:
        assert find(**query) == found, query
        assert find_all(**query, limit=2) == found, query


def test_both_ways_of_making_a_page_agree_with_a_look_at_everything(create, publish, find_all, outgoing, monkeypatch):
    chance = random.Random(7)
    nouns, colours, categories = ["mug", "cup", "bowl"], ["red", "blue"], [None, "home", "home/mugs", "office"]
    for number in range(30):
        name = f"{chance.choice(colours)} {chance.choice(nouns)}"
        description = " ".join(chance.sample(nouns + colours, 2))
        category, amount = chance.choice(categories), chance.randrange(100, 120)
        create(f"s{number}", amount, name=name, description=description, category=category, at=AT + number * 1000)
    publish()
    products = [Product.model_validate(m["data"]["product"]) for m in outgoing()]
    sorts = [None, "name", "price", "-price", "newest"]
    for category, q, low, sort in itertools.product([None, "home"], [None, "red mu"], [None, 110], sorts):
        query = {k: v for k, v in {"category": category, "q": q, "min_price": low, "sort": sort}.items() if v}
        wanted = looked_through(products, category, q, low, sort)
        for few in (300, 0):
            monkeypatch.setattr(pages, "FEW", few)
            assert find_all(**query, limit=7) == wanted, (query, few)


def looked_through(products, category, q, low, sort):
    tokens = words(q or "")

    def fits(p):
        inside = category is None or p.category == category or (p.category or "").startswith(f"{category}/")
        return inside and p.price.amount >= (low or 0) and all_begin(tokens, words(p.name, p.description))

    key = {
        None: lambda p: (*ranked(tokens, p), p.name, p.product_id),
        "name": lambda p: (p.name, p.product_id),
        "price": lambda p: (p.price.amount, p.product_id),
        "-price": lambda p: (p.price.amount, p.product_id),
        "newest": lambda p: (p.created_at, p.product_id),
    }[sort]
    return [p.sku for p in sorted(filter(fits, products), key=key, reverse=sort in ("-price", "newest"))]


def ranked(tokens, p):
    """Of a product that fits: the longest word in its name before it in its description, and whole before begun."""
    longest = max(tokens, key=len, default="")
    for rank, text in enumerate((p.name, p.description)):
        if found := sorted(word for word in words(text) if word.startswith(longest)):
            return rank, found[0] if longest else ""


def test_a_page_ends_where_it_has_looked_at_enough_and_goes_on_from_there(shop, call, find_all, monkeypatch):
    monkeypatch.setattr(pages, "FEW", 0)
    monkeypatch.setattr(pages, "PASSED_OVER", 2)
    first = call("GET", PRODUCTS, query={"q": "pen", "sort": "name"}).body
    assert (first["items"], first["next_cursor"] is not None) == ([], True)
    assert find_all(q="pen", sort="name") == ["pen"]
    assert find_all(q="mug") == ["blue", "red", "vase"]
    monkeypatch.setattr(pages, "LOOKED_AT", 1)
    assert find_all(q="mug") == ["blue", "red", "vase"]


@pytest.mark.parametrize("few", [300, 0], ids=["few", "walk"])
def test_a_product_is_found_by_the_words_that_it_has_now(shop, create, call, publish, find, monkeypatch, few):
    monkeypatch.setattr(pages, "FEW", few)
    product_id = create("jug", name="Jug", description="old and round").body["product_id"]
    publish()
    call("PATCH", PRODUCT, product_id, etag="*", body={"description": "new and round"})
    publish()
    for sort in ({}, {"sort": "price"}):
        assert (find(q="jug new", **sort), find(q="jug old", **sort)) == (["jug"], [])


def test_a_cursor_is_good_for_its_query_only(shop, call):
    cursor = call("GET", PRODUCTS, query={"limit": "2"}).body["next_cursor"]
    assert call("GET", PRODUCTS, query={"limit": "2", "cursor": cursor}).status == 200
    for query in ({"cursor": cursor, "sort": "price"}, {"cursor": cursor[:-2]}, {"cursor": "x"}):
        assert (answer := call("GET", PRODUCTS, query=query)).status == 400, query
        assert answer.body["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "cheap"},
        {"limit": "0"},
        {"limit": "101"},
        {"min_price": "-1"},
        {"min_price": "1e3"},
        {"min_price": "2", "max_price": "1"},
        {"max_price": "9" * 30},
        {"q": "x" * 201},
        {"category": "home//"},
    ],
)
def test_a_wrong_query_is_refused(call, query):
    assert call("GET", PRODUCTS, query=query).status == 422


def test_a_change_leaves_nothing_of_the_old_behind(shop, create, call, publish, find, rows):
    product_id = create("jug", 400, name="Green jug", category="home/jugs", description="tall").body["product_id"]
    publish()
    change = {"name": "Green can", "category": "garden", "description": ""}
    assert call("PATCH", PRODUCT, product_id, etag="*", body=change).status == 200
    call("PUT", PRICE, product_id, etag="*", body={"price": {"amount": 50, "currency": "EUR"}})
    publish()
    assert (find(q="jug"), find(q="tall"), find(category="home/jugs"), find(q="can green")) == ([], [], [], ["jug"])
    assert find(sort="price")[0] == "jug"
    mine = [key for key in rows("list#", "term#") if key[1].endswith(product_id)]
    assert mine == [
        ("list#", f"green can\t{product_id}"),
        ("list#garden", f"green can\t{product_id}"),
        ("term#0c", f"can\tgreen can\t{product_id}"),
        ("term#0g", f"green\tgreen can\t{product_id}"),
    ]


def test_what_is_archived_leaves_lists_words_and_counts(shop, create, call, publish, find, rows):
    product_id = create("jug", name="Jug", category="home/jugs").body["product_id"]
    publish()
    call("DELETE", PRODUCT, product_id, etag="*")
    publish()
    assert (find(q="jug"), "jug" in find()) == ([], False)
    assert [key for key in rows("list#", "term#") if key[1].endswith(product_id)] == []
    assert "home/jugs" not in str(call("GET", "/catalog/categories").body)


def test_categories_are_a_tree_with_counts(shop, publish, call):
    publish()
    answer = call("GET", "/catalog/categories", caller=None, roles="")
    assert answer.headers["Cache-Control"] == "public, max-age=5"
    mugs = {"category": "home/mugs", "name": "mugs", "count": 2, "children": []}
    assert answer.body["items"] == [
        {"category": "home", "name": "home", "count": 3, "children": [mugs]},
        {"category": "office", "name": "office", "count": 1, "children": []},
    ]


def test_whole_words_of_names_come_first(create, publish, find, find_all):
    for sku, name, description in [
        ("d", "Saucer", "for a mug"),
        ("c", "Mugwort", "a herb"),
        ("b", "Tall mug", ""),
        ("a", "Mug, mugs and a muggle", "mug"),
    ]:
        create(sku, name=name, description=description)
    publish()
    assert find(q="mug") == find_all(q="mug", limit=1) == ["a", "b", "c", "d"]
    assert find(q="mugs") == ["a"]


def test_rows_that_a_lost_race_has_written_over_are_mended(create, call, outgoing, deliver, find, monkeypatch):
    """The later event comes through between the earlier one's terms and its card."""
    product_id = create("jug", name="Jug", description="old").body["product_id"]
    call("PATCH", PRODUCT, product_id, etag="*", body={"description": "new"})
    early, late = outgoing()
    real, overtaken = bootstrap.read_rows().put_all, []

    def put_all(rows):
        real(rows)
        if not overtaken:
            overtaken.append(True)
            assert deliver(handlers.consumer, late) == []

    monkeypatch.setattr(bootstrap.read_rows(), "put_all", put_all)
    assert deliver(handlers.consumer, early) == []
    assert (find(q="old"), find(q="new", sort="price")) == ([], ["jug"])


def test_a_page_costs_the_same_however_many_products_there_are(create, publish, find, monkeypatch):
    """Requests, and what they ask for, counted at the client."""
    client, asked = bootstrap.dynamodb(), []

    def counted(operation):
        real = getattr(client, operation)

        def call(**how):
            asked.append((operation, how.get("Limit") or sum(len(one["Keys"]) for one in how["RequestItems"].values())))
            return real(**how)

        return call

    costs = []
    for numbers in (range(15), range(15, 60)):
        for number in numbers:
            create(f"s{number}", 100 + number)
        publish()
        bootstrap.answers.cache_clear()
        with monkeypatch.context() as patched:
            for operation in ("query", "batch_get_item"):
                patched.setattr(client, operation, counted(operation))
            assert len(find(limit=5)) == 5
        costs.append(asked[:])
        asked.clear()
    assert costs[0] == costs[1] != []
