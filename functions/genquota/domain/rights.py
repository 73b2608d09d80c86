"""Who may do what: rights by role, and by whose matter it is."""

from enum import StrEnum

from genquota.domain.words import Role


class Who(StrEnum):
    """Who may make a call; the value says so in documentation."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    SELF_SERVICE_ADMIN = "the user, services, admins"
    SELF_ADMIN = "the user, admins"
    SERVICE_ADMIN = "services, admins"
    ADMIN = "admins"

    def lets(self, role: Role, *, is_own: bool) -> bool:
        """Tell whether a signed-in caller of that role may, in a matter of their own or of others."""
        match self:
            case Who.ANYBODY | Who.SIGNED_IN:
                return True
            case Who.SELF_SERVICE_ADMIN:
                return is_own or role is not Role.USER
            case Who.SELF_ADMIN:
                return is_own or role is Role.ADMIN
            case Who.SERVICE_ADMIN:
                return role is not Role.USER
            case Who.ADMIN:
                return role is Role.ADMIN
