"""Long lists, a page at a time."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.exceptions import ValidationError as BadParameter
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class CursorPages(CursorPagination):
    """`{next, previous, results}`, by cursor: what is added meanwhile neither repeats nor hides a row.

    The route says the order (`pages_by`); it should be unique, as rows of equal position are told apart by
    counting only.
    """

    page_size = 50
    page_size_query_param = "page_size"
    page_size_query_description = "How many on a page: 50 unless told, at most 200."
    cursor_query_description = "Where the page begins: take the whole address from `next` or `previous`."
    max_page_size = 200
    invalid_cursor_message = "There is no page at this cursor."

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not re.fullmatch("[0-9]{1,9}", text) or int(text) == 0:
            raise BadParameter({"page_size": [f"Write a whole number from 1 to {self.max_page_size}."]})
        return min(int(text), self.max_page_size)

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        return tuple(view.pages_by)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError):
            # A cursor is only base64: somebody made one up whose position is no value of the column.
            raise NotFound(self.invalid_cursor_message)
