"""Who a session belongs to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from agency.models import Membership, User


class MemberBackend(ModelBackend):
    """Reads a signed-in user together with their memberships, which each page asks for next: one query for both."""

    def get_user(self, user_id: Any) -> User | None:
        memberships = Membership.objects.read_with_user(user_id)
        user = memberships[0].user if memberships else super().get_user(user_id)
        if not isinstance(user, User) or not self.user_can_authenticate(user):
            return None
        user.as_read = memberships
        return user
