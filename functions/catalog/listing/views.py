"""What clients see of the read side beside products."""

from pydantic import BaseModel


class CategoryCount(BaseModel):
    """`count` is of the products in it and below."""

    category: str
    name: str
    count: int
    children: list["CategoryCount"]


class CategoryTree(BaseModel):
    items: list[CategoryCount]

    @classmethod
    def of(cls, counts: dict[str, int]) -> "CategoryTree":
        tree, found = cls(items=[]), dict[str, CategoryCount]()
        for path in sorted(counts, key=lambda path: path.split("/")):
            parent, _, name = path.rpartition("/")
            found[path] = CategoryCount(category=path, name=name, count=counts[path], children=[])
            (found[parent].children if parent in found else tree.items).append(found[path])
        return tree
